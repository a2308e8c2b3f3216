import Uppy from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import Tus from "@uppy/tus";
import French from "@uppy/locales/lib/fr_FR.js";
import { getDroppedFiles } from "@uppy/core/utils";

window.SyncdUppy = { Uppy, Dashboard, Tus, French, getDroppedFiles };
