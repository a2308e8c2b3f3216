"""Small genuine documents: PDFs that open, a TIFF scan, a Factur-X-like invoice, a workbook, a FEC file."""

from __future__ import annotations

import io
import struct
import zipfile


def pdf(title: str, lines: list[str], *, attachment: tuple[str, bytes] | None = None, padding: int = 0) -> bytes:
    """A one-page PDF; `attachment` is embedded as Factur-X does; `padding` bytes make it as heavy as a scan."""

    def text(value: str) -> str:
        return value.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    page = ["BT /F1 16 Tf 60 780 Td", f"({text(title)}) Tj", "/F1 11 Tf"]
    for line in lines:
        page += ["0 -20 Td", f"({text(line)}) Tj"]
    stream = "\n".join([*page, "ET"]).encode("cp1252", "replace")
    names = b" /Names << /EmbeddedFiles << /Names [(factur-x.xml) 7 0 R] >> >>" if attachment else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R" + names + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    extra = b"\0" * padding
    if attachment or padding:
        name, data = attachment or ("scan.bin", extra)
        objects.append(b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream" % (len(data), data))
        objects.append(b"<< /Type /Filespec /F (%s) /EF << /F 6 0 R >> >>" % name.encode())
    out, offsets = io.BytesIO(b""), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def tiff(width: int = 620, height: int = 877) -> bytes:
    """A grey A4 page at 75 dpi with ruled lines, uncompressed."""
    rows = bytearray()
    for y in range(height):
        rows += (b"\x40" if y % 40 == 0 else b"\xf4") * width
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(rows)),
    ]  # fmt: skip
    ifd = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *t) for t in tags) + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, 8 + len(rows)) + bytes(rows) + ifd


def factur_x_xml(number: str, amount: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
  <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>380</ram:TypeCode></rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>
    <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
    <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:GrandTotalAmount>{amount}</ram:GrandTotalAmount>
    </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
""".encode()


def xlsx(rows: list[list[str | float]]) -> bytes:
    """A workbook of one sheet."""
    cells = []
    for r, row in enumerate(rows, 1):
        row_cells = "".join(
            f'<c r="{chr(65 + c)}{r}"><v>{value}</v></c>'
            if isinstance(value, int | float)
            else f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{value}</t></is></c>'
            for c, value in enumerate(row)
        )
        cells.append(f'<row r="{r}">{row_cells}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(
            "[Content_Types].xml",
            f'<?xml version="1.0"?><Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        z.writestr(
            "_rels/.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        z.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="Banque" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        z.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        z.writestr(
            "xl/worksheets/sheet1.xml",
            f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{"".join(cells)}</sheetData></worksheet>',
        )
    return out.getvalue()


def fec(lines: int = 40) -> bytes:
    """An accounting export as the tax office asks for it (A47 A-1), tab-separated."""
    head = [
        "JournalCode",
        "JournalLib",
        "EcritureNum",
        "EcritureDate",
        "CompteNum",
        "CompteLib",
        "CompAuxNum",
        "CompAuxLib",
        "PieceRef",
        "PieceDate",
        "EcritureLib",
        "Debit",
        "Credit",
        "EcritureLet",
        "DateLet",
        "ValidDate",
        "Montantdevise",
        "Idevise",
    ]
    rows = ["\t".join(head)]
    for n in range(lines):
        date = f"2025{n % 12 + 1:02}15"
        debit, credit = (f"{100 + n},00", "0,00") if n % 2 == 0 else ("0,00", f"{99 + n},00")
        rows.append(
            "\t".join(
                [
                    "ACH",
                    "Achats",
                    str(n // 2 + 1),
                    date,
                    "607000" if n % 2 == 0 else "401000",
                    "Achats" if n % 2 == 0 else "Fournisseurs",
                    "",
                    "",
                    f"F{n // 2:04}",
                    date,
                    f"Facture {n // 2}",
                    debit,
                    credit,
                    "",
                    "",
                    date,
                    "",
                    "",
                ]
            )
        )
    return ("\r\n".join(rows) + "\r\n").encode("utf-8")
