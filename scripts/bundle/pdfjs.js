import * as pdfjsLib from "pdfjs-dist/legacy/build/pdf.mjs";
import { EventBus, PDFFindController, PDFLinkService, PDFViewer } from "pdfjs-dist/legacy/web/pdf_viewer.mjs";

const { getDocument, GlobalWorkerOptions, AnnotationMode } = pdfjsLib;
export { getDocument, GlobalWorkerOptions, AnnotationMode, EventBus, PDFFindController, PDFLinkService, PDFViewer };
