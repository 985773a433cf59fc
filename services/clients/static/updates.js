// One tap: the phone's own sharing where there is one, else the clipboard; then the client is marked as having got it.
const list = document.querySelector("[data-t-copied]");

async function hand(text) {
  if (navigator.share) {
    await navigator.share({ text });
    return "";
  }
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  return list.dataset.tCopied;
}

list?.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-t-letter]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    const said = await hand(button.dataset.tLetter);
    button.disabled = false;
    button.dispatchEvent(new CustomEvent("t-sent", { bubbles: true }));
    if (said) document.body.dispatchEvent(new CustomEvent("muster:toast", { bubbles: true, detail: { text: said } }));
  } catch {
    // who changes their mind in the share sheet has not sent anything
    button.disabled = false;
  }
});
