import Uppy from "@uppy/core";
import Tus from "@uppy/tus";
import { getDroppedFiles } from "@uppy/core/utils";

window.SyncdUppy = { Uppy, Tus, getDroppedFiles };
