/* What cannot be undone asks first: a form with data-confirm, its question, and data-confirm-yes, what is then done. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const asks = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asks.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  const { t } = window.Syncd;
  const box = document.createElement("dialog");
  const text = box.appendChild(document.createElement("p"));
  text.id = "confirm-text";
  text.textContent = asks.dataset.confirm;
  box.setAttribute("aria-labelledby", text.id);
  box.setAttribute("role", "alertdialog");
  const actions = box.appendChild(document.createElement("div"));
  actions.className = "actions";
  const no = actions.appendChild(document.createElement("button"));
  Object.assign(no, { type: "button", className: "second", textContent: t("Annuler", "Cancel") });
  const yes = actions.appendChild(document.createElement("button"));
  Object.assign(yes, { type: "button", className: "danger", textContent: asks.dataset.confirmYes || event.submitter?.textContent || t("Continuer", "Continue") });
  no.addEventListener("click", () => box.close());
  yes.addEventListener("click", () => {
    form.dataset.confirmed = "yes";
    box.close();
    form.requestSubmit(event.submitter);
  });
  box.addEventListener("close", () => box.remove());
  document.body.appendChild(box);
  box.showModal();
  no.focus();
});
