// Choosing a unit shows it at once; without this, the button does.
document.querySelectorAll("[data-n-submit]").forEach((choice) => {
  choice.form.classList.add("n-unit-live");
  choice.addEventListener("change", () => choice.form.requestSubmit());
});
