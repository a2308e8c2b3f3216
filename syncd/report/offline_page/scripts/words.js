/* Every sentence of the page, in French and English, and how numbers and dates are written. */
import { facts } from "./facts.js";

const WORDS = {
  title: ["Échanges hors connexion", "Exchanges without a network"],
  of_client: ["Dossier {code} – {name}", "Client {code} – {name}"],
  lead: ["Recevez les documents du cabinet et envoyez-lui les vôtres par clé USB. Cette page n'utilise jamais Internet.", "Receive the firm's documents and send it yours on a USB stick. This page never uses the internet."],
  too_old: ["Ce navigateur est trop ancien pour cette page : ouvrez-la avec une version récente d'Edge, de Chrome ou de Firefox.", "This browser is too old for this page: open it with a recent Edge, Chrome or Firefox."],
  working: ["Un instant…", "One moment…"],
  proving: ["Vérification : {done} sur {total}", "Checking: {done} of {total}"],
  writing: ["Enregistrement : {done} sur {total}", "Saving: {done} of {total}"],
  packing: ["Préparation : {done} sur {total}", "Preparing: {done} of {total}"],
  // first use, and each time
  first: ["Première ouverture", "First time"],
  first_why: ["Choisissez un mot de passe : il protège la clé de votre entreprise sur cet ordinateur, et sera demandé à chaque ouverture. Personne ne peut le retrouver à votre place.", "Choose a password: it protects your company's key on this computer and is asked for each time. Nobody can find it again for you."],
  password: ["Mot de passe", "Password"],
  password_rule: ["12 caractères au moins", "At least 12 characters"],
  password_again: ["Le même, encore une fois", "The same once more"],
  begin: ["Commencer", "Begin"],
  short_password: ["Ce mot de passe a moins de 12 caractères.", "This password has fewer than 12 characters."],
  other_password: ["Les deux mots de passe sont différents.", "The two passwords differ."],
  locked: ["Ouvrir vos échanges", "Open your exchanges"],
  open: ["Ouvrir", "Open"],
  wrong_password: ["Ce n'est pas le bon mot de passe.", "This is not the right password."],
  resume: ["Reprendre une sauvegarde", "Use a backup"],
  resume_why: ["Fichier « sauvegarde » enregistré par cette page, sur cet ordinateur ou un autre.", "The “sauvegarde” file that this page saved, on this computer or another."],
  resume_doubt: ["Des paquets ont peut-être été préparés depuis cette sauvegarde", "Packages may have been made since this backup"],
  forgotten: ["Mot de passe perdu ?", "Password lost?"],
  forgotten_why: ["Sans lui, personne ne lit plus la clé de ce poste. Vous pouvez recommencer avec une nouvelle clé : le cabinet devra l'enregistrer, et dira quels paquets il a reçus.", "Without it nobody can read this computer's key. You can begin again with a new key: the firm will have to register it, and will say which packages it got."],
  restart: ["Recommencer avec une nouvelle clé", "Begin again with a new key"],
  restart_sure: ["Oui, abandonner l'ancienne clé", "Yes, give up the old key"],
  no_backup: ["Ce fichier n'est pas une sauvegarde de cette page.", "This file is no backup of this page."],
  other_backup: ["Cette sauvegarde est celle d'un autre dossier.", "This backup is another client's."],
  elsewhere: ["Ces échanges ont avancé dans une autre fenêtre : fermez-la, puis rechargez cette page.", "These exchanges went on in another window: close it, then load this page again."],
  not_kept: ["Ce navigateur ne garde rien : enregistrez la sauvegarde après chaque paquet, et reprenez-la la prochaine fois.", "This browser keeps nothing: save the backup after each package, and use it next time."],
  // receiving
  receive: ["Recevoir", "Receive"],
  receive_why: ["Le paquet que le cabinet vous a remis ({code}-….syncpkg). Rien n'est enregistré avant votre accord.", "The package the firm gave you ({code}-….syncpkg). Nothing is saved before you agree."],
  choose_package: ["Ouvrir un paquet", "Open a package"],
  from_cabinet: ["Paquet n° {number} du cabinet", "The firm's package no. {number}"],
  made_on: ["Préparé le {at}. Signature du cabinet : juste.", "Prepared on {at}. The firm's signature is right."],
  was_sealed: ["Il était chiffré pour vous.", "It was sealed for you."],
  purpose_is: ["Objet : {text}", "Purpose: {text}"],
  comment_is: ["Commentaire : {text}", "Comment: {text}"],
  holds: ["{count}, {size}", "{count}, {size}"],
  holds_nothing: ["Ce paquet ne contient aucun document.", "This package holds no document."],
  new: ["nouveau", "new"], changed: ["nouvelle version", "new version"], known: ["déjà reçu", "received before"],
  save: ["Enregistrer", "Save"],
  save_one: ["Enregistrer {name}", "Save {name}"],
  save_zip: ["Tout enregistrer (ZIP)", "Save all (ZIP)"],
  save_folder: ["Tout enregistrer dans un dossier…", "Save all into a folder…"],
  saved_folder: ["{count} dans « {folder} ».", "{count} in “{folder}”."],
  saved_renamed: ["Un autre document y portait déjà ce nom ; celui-ci est « {name} ».", "Another document had that name there; this one is “{name}”."],
  folder_refused: ["Ce dossier n'a pas pu être écrit : rien de plus n'y a été enregistré.", "This folder could not be written: nothing more was saved there."],
  moved: ["Rangé ailleurs par le cabinet : « {source} » est maintenant « {path} ».", "Moved by the firm: “{source}” is now “{path}”."],
  deleted: ["Supprimé par le cabinet : « {path} ». Votre copie n'est pas touchée.", "Deleted by the firm: “{path}”. Your copy is left alone."],
  tree_changed: ["L'arborescence du cabinet a changé : {folders}.", "The firm's folders have changed: {folders}."],
  confirmed: ["Le cabinet a traité votre paquet n° {number}.", "The firm has dealt with your package no. {number}."],
  confirmed_part: ["De votre paquet n° {number}, le cabinet a traité : {folders}.", "Of your package no. {number} the firm has dealt with: {folders}."],
  cabinet_refused: ["Refusé par le cabinet : « {path} » ({reason}).", "Refused by the firm: “{path}” ({reason})."],
  acknowledge: ["Accuser réception", "Acknowledge"],
  acknowledge_why: ["À faire quand vos documents sont enregistrés. Le cabinet l'apprend par votre prochain paquet, et ne les renvoie plus.", "Do it once your documents are saved. The firm learns it from your next package, and sends them no more."],
  acknowledge_sure: ["{count} de ce paquet pas encore enregistré(s). Accuser réception quand même ?", "{count} of this package not saved yet. Acknowledge all the same?"],
  acknowledge_yes: ["Accuser réception sans enregistrer", "Acknowledge without saving"],
  acknowledged: ["Accusé de réception noté : il part avec votre prochain paquet.", "Noted: it goes with your next package."],
  // sending
  send: ["Envoyer", "Send"],
  folder: ["Dossier du cabinet", "The firm's folder"],
  add_documents: ["Ajouter des documents", "Add documents"],
  add_why: ["Choisissez-les, ou déposez-les ici. Ils vont dans le dossier choisi ci-dessus.", "Choose them, or drop them here. They go into the folder chosen above."],
  to_send: ["Documents à envoyer", "Documents to send"],
  remove: ["Retirer", "Remove"],
  remove_one: ["Retirer {name}", "Remove {name}"],
  renamed_to: ["« {from} » s'appellera « {to} ».", "“{from}” will be called “{to}”."],
  not_added: ["« {name} » n'est pas ajouté : {why}", "“{name}” is not added: {why}"],
  why_empty: ["ce document est vide.", "this document is empty."],
  why_extension: ["ce type de fichier n'est pas accepté dans ce dossier ({ext}).", "this type of file is not accepted in this folder ({ext})."],
  why_too_large: ["il dépasse {most}, la limite de ce dossier.", "it exceeds {most}, this folder's limit."],
  why_no_folder: ["ce dossier n'accepte pas vos documents.", "this folder takes none of your documents."],
  why_bad_name: ["ce nom ne peut pas être transmis.", "this name cannot be sent."],
  why_twice: ["un document de ce nom est déjà dans la liste.", "a document of that name is in the list already."],
  why_held: ["le cabinet a déjà ce document.", "the firm has this document already."],
  why_unread: ["il ne peut pas être lu.", "it cannot be read."],
  purpose: ["Objet (facultatif)", "Purpose (optional)"],
  comment: ["Commentaire (facultatif)", "Comment (optional)"],
  make: ["Préparer le paquet", "Prepare the package"],
  make_why: ["Il est signé par votre clé et chiffré pour le cabinet : lui seul peut l'ouvrir.", "It is signed by your key and sealed for the firm: it alone can open it."],
  nothing_to_send: ["Rien à envoyer : ajoutez un document.", "Nothing to send: add a document."],
  made: ["Paquet n° {number} préparé : {count}. Enregistrez-le sur la clé USB.", "Package no. {number} prepared: {count}. Save it on the USB stick."],
  save_package: ["Enregistrer le paquet", "Save the package"],
  save_again: ["Enregistrer de nouveau", "Save again"],
  first_package: ["Le cabinet n'a encore confirmé aucun paquet signé par votre clé : il vous demandera cette empreinte, au téléphone ou de vive voix.", "The firm has not confirmed a package that your key signed yet: it will ask you for this safety number, by telephone or in person."],
  document_changed: ["« {path} » a changé ou n'est plus lisible : retirez-le, puis ajoutez-le de nouveau.", "“{path}” has changed or cannot be read any more: remove it, then add it again."],
  waiting: ["Pas encore confirmés par le cabinet", "Not confirmed by the firm yet"],
  waiting_one: ["n° {number} du {at} : {count} ({file})", "no. {number} of {at}: {count} ({file})"],
  waiting_why: ["Gardez ces fichiers jusqu'à la confirmation : si la clé USB se perd, remettez-les au cabinet tels quels.", "Keep these files until they are confirmed: if the USB stick is lost, give them to the firm again as they are."],
  waiting_many: ["{most} paquets attendent déjà une confirmation : demandez un paquet au cabinet, et ouvrez-le ici.", "{most} packages wait to be confirmed already: ask the firm for a package, and open it here."],
  lost: ["Ces fichiers sont perdus", "These files are lost"],
  lost_sure: ["Oui, ils sont perdus : renvoyer leurs documents", "Yes, they are lost: send their documents again"],
  again: ["À renvoyer : le cabinet n'a pas, ou peut ne pas avoir, ces documents", "To be sent again: the firm has not, or may not have, these documents"],
  again_why: ["Ajoutez-les de nouveau ; la page les reconnaît à leur contenu.", "Add them again; the page knows them by their content."],
  forget: ["Ne plus demander", "Do not ask again"],
  forget_one: ["Ne plus demander {name}", "Do not ask for {name} again"],
  // keys
  own_key: ["Votre clé", "Your key"],
  safety_number_is: ["Empreinte à dire au cabinet s'il la demande :", "Safety number to tell the firm when it asks:"],
  whole_key: ["Clé publique entière", "The whole public key"],
  backup: ["Enregistrer une sauvegarde", "Save a backup"],
  backup_why: ["Votre clé et le suivi de vos paquets, protégés par votre mot de passe. À garder ailleurs que sur cet ordinateur.", "Your key and what became of your packages, protected by your password. Keep it elsewhere than on this computer."],
  backup_never: ["Aucune sauvegarde n'a encore été enregistrée.", "No backup has been saved yet."],
  backup_on: ["Dernière sauvegarde : {at}.", "Last backup: {at}."],
  journal: ["Historique", "History"],
  journal_empty: ["Rien encore.", "Nothing yet."],
  journal_made: ["{at} – paquet n° {number} préparé ({file}) : {count}", "{at} – package no. {number} prepared ({file}): {count}"],
  journal_received: ["{at} – paquet n° {number} du cabinet traité : {count}", "{at} – the firm's package no. {number} dealt with: {count}"],
  journal_refused: ["{at} – refusé par le cabinet : « {path} » ({reason})", "{at} – refused by the firm: “{path}” ({reason})"],
  journal_lost: ["{at} – paquets déclarés perdus", "{at} – packages declared lost"],
  // a package that is not taken
  not_a_package: ["Ce fichier n'est pas un paquet d'échange. Vérifiez le fichier choisi.", "This file is no exchange package. Check the chosen file."],
  not_ours: ["La liste du paquet n'est pas telle que le cabinet l'écrit. Demandez-en un autre ; rien n'a été repris.", "The package's list is not as the firm writes it. Ask for another one; nothing was taken."],
  later: ["Ce paquet est d'une version plus récente : demandez au cabinet une nouvelle page. Rien n'a été repris.", "This package is of a later version: ask the firm for a new page. Nothing was taken."],
  too_many: ["Ce paquet est plus grand que ce qui est accepté. Rien n'a été repris.", "This package is larger than what is taken. Nothing was taken."],
  cut: ["Ce paquet n'est pas entier. Copiez-le de nouveau depuis l'original ; rien n'a été repris.", "This package is not whole. Copy it again from the original; nothing was taken."],
  altered: ["Ce paquet a été modifié ou abîmé. Copiez-le de nouveau depuis l'original ; rien n'a été repris.", "This package was changed or damaged. Copy it again from the original; nothing was taken."],
  bad_signature: ["La signature du paquet est fausse : il a été modifié en chemin. Demandez-en un autre ; rien n'a été repris.", "The package's signature is wrong: it was changed on its way. Ask for another one; nothing was taken."],
  bad_place: ["Le paquet contient un emplacement interdit ({path}). Rien n'a été repris.", "The package holds a forbidden place ({path}). Nothing was taken."],
  twice: ["Le paquet contient deux fois le même emplacement ({path}). Rien n'a été repris.", "The package holds one place twice ({path}). Nothing was taken."],
  other_client: ["Ce paquet est d'un autre dossier ({code} – {name}). Vérifiez le fichier choisi ; rien n'a été repris.", "This package is of another client ({code} – {name}). Check the chosen file; nothing was taken."],
  own_package: ["Ce paquet a été préparé dans votre entreprise : remettez-le au cabinet.", "This package was made at your company: give it to the firm."],
  other_key: ["Ce paquet est signé par une autre clé que celle du cabinet. Appelez-le ; rien n'a été repris.", "This package is signed by another key than the firm's. Call the firm; nothing was taken."],
  replayed: ["Le paquet n° {number} a déjà été traité. Vous pouvez encore en enregistrer les documents.", "Package no. {number} was dealt with already. You can still save its documents."],
  older: ["Le paquet n° {number} est plus ancien que le n° {newest}, déjà traité, qui contenait tout. Ses documents ne sont peut-être plus les derniers.", "Package no. {number} is older than no. {newest}, which was dealt with and held everything. Its documents may not be the latest."],
  gap: ["Il manque le paquet n° {missing} du {at} : ouvrez-le d'abord. S'il est perdu, demandez au cabinet un paquet complet ; rien n'a été repris.", "Package no. {missing} of {at} is missing: open that one first. If it is lost, ask the firm for a whole package; nothing was taken."],
  never_made: ["Le paquet n° {number} accuse réception de paquets qui n'ont jamais été préparés ici. Appelez le cabinet ; rien n'a été repris.", "Package no. {number} acknowledges packages that were never made here. Call the firm; nothing was taken."],
  sealed_for_other: ["Ce paquet est chiffré pour un autre destinataire, ou n'est pas entier. Le cabinet a-t-il enregistré votre clé ? Rien n'a été repris.", "This package is sealed for another receiver, or is not whole. Has the firm registered your key? Nothing was taken."],
  no_file: ["Ce fichier ne peut pas être lu. Vérifiez la clé USB, puis recommencez.", "This file cannot be read. Check the USB stick, then try again."],
  failed: ["Cela n'a pas abouti ({why}). Rien n'a été repris ni envoyé ; rechargez la page et recommencez.", "This did not work ({why}). Nothing was taken, and nothing sent; load the page again and retry."],
};
const REASONS = {
  extension_not_allowed: ["type de fichier non accepté", "file type not accepted"], too_large: ["trop volumineux", "too large"], empty: ["document vide", "empty document"],
  direction: ["ce dossier n'accepte pas vos documents", "this folder takes none of your documents"], unknown_folder: ["dossier inconnu du cabinet", "a folder the firm does not have"],
  bad_name: ["nom refusé", "name refused"], name_collision: ["nom déjà pris", "name taken"], quota: ["espace plein", "no room"],
};

const column = facts.language === "en" ? 1 : 0, locale = column ? "en-GB" : "fr-FR";

/* French takes a space that does not break before ; : ? ! and within « ». */
function set(text) {
  return column ? text : text.replace(/'/g, "’").replace(/ ([;?!»])/g, "\u202f$1").replace(/« /g, "«\u202f").replace(/ :/g, "\u00a0:").replace(/n° /g, "n°\u00a0");
}

export function say(code, values = {}) {
  return set(WORDS[code][column]).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const reasonOf = (code) => set((REASONS[code] ?? [code, code])[column]);

export function countOf(number) {
  const word = column ? (number === 1 ? "document" : "documents") : number > 1 ? "documents" : "document";
  return `${number.toLocaleString(locale)}\u00a0${word}`;
}

export function sizeOf(bytes) {
  const units = column ? ["B", "kB", "MB", "GB"] : ["octets", "Ko", "Mo", "Go"];
  let n = bytes, unit = 0;
  while (n >= 1000 && unit < 3) { n /= 1000; unit++; }
  const word = unit || n > 1 ? units[unit] : column ? "B" : "octet";
  return `${n.toLocaleString(locale, { maximumFractionDigits: unit > 1 && n < 10 ? 1 : 0 })}\u00a0${word}`;
}

export const momentOf = (at) => new Date(at).toLocaleString(locale, { dateStyle: "short", timeStyle: "short" });
export const dayOf = (seconds) => new Date(seconds * 1000).toLocaleDateString(locale);
