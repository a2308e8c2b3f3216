"""A page of a document as a small picture: PDF, and the kinds of images that cabinets are sent."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from syncd.portal.readers import kinds

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 80_000_000  # of an image that is opened; a picture of a PDF is made at the size that is wanted
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "HEIF")
QUALITY = 78
_LARGEST = 4.0  # times a PDF's own size, for a stamp


def load() -> None:
    """What every picture needs, once for all children."""
    import pillow_heif
    import pypdfium2
    from PIL import Image

    assert pypdfium2
    Image.init()
    Image.MAX_IMAGE_PIXELS = PIXELS
    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 1
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def picture(source: BinaryIO, width: int, height: int, page: int = 0) -> bytes:
    """WebP, within these pixels. Raises whatever a library raises at what is none of its kind."""
    make = _of_pdf if kinds.sniffed(source) == "pdf" else _of_image
    with make(source, width, height, page) as found:
        out = io.BytesIO()
        found.save(out, "WEBP", quality=QUALITY, method=2)
        return out.getvalue()


def pages(source: BinaryIO) -> int:
    """Of an image: a scan may hold many."""
    from PIL import Image

    with Image.open(source, formats=FORMATS) as image:
        return int(getattr(image, "n_frames", 1))


@contextlib.contextmanager
def _of_pdf(source: BinaryIO, width: int, height: int, page: int) -> Iterator[Image]:
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    document.init_forms()  # what was filled in is drawn
    sheet = document[page]
    across, up = sheet.get_size()
    if not (math.isfinite(across) and math.isfinite(up) and across > 0 and up > 0):
        raise ValueError("a page without a size")
    scale = min(width / across, height / up, _LARGEST) * (1 - 1e-6)  # its sides are rounded up
    bitmap: Any = sheet.render(scale=scale)
    yield bitmap.to_pil().convert("RGB")


@contextlib.contextmanager
def _of_image(source: BinaryIO, width: int, height: int, page: int) -> Iterator[Image]:
    from PIL import Image, ImageOps

    with Image.open(source, formats=FORMATS) as image:
        if page:
            image.seek(page)
        elif image.format in ("JPEG", "MPO"):
            image.draft("RGB", (2 * width, 2 * height))
        shown = _smooth(image)
        shown.thumbnail((max(width, height), max(width, height)))  # as it lies: turned next
        turned = ImageOps.exif_transpose(shown)
        turned.thumbnail((width, height))
        yield _on_paper(turned)


def _smooth(image: Image) -> Image:
    """In colours that can be mixed: a scan in black and white is otherwise made smaller by leaving out its lines."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image


def _on_paper(image: Image) -> Image:
    """Without what can be seen through: on white."""
    from PIL import Image as images

    if image.mode in ("RGBA", "LA", "PA"):
        seen = image.convert("RGBA")
        paper = images.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return image.convert("RGB")


def logo(source: BinaryIO, width: int = 900, height: int = 400) -> bytes:
    """PNG, drawn anew within these pixels, with nothing else of the file. Raises as `picture`."""
    if kinds.sniffed(source) == "pdf":
        raise ValueError("no image")
    with _of_image(source, width, height, 0) as found:
        found.info.clear()  # places, profiles, comments
        out = io.BytesIO()
        found.save(out, "PNG", optimize=True)
        return out.getvalue()
