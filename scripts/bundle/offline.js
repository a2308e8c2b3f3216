import { ed25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

window.SyncdLibraries = { ed25519, blake2b, sha256, Decrypter, Encrypter, generateX25519Identity, identityToRecipient };
