// Says while somebody types how much of the whole is given out; the server decides.
const group = document.querySelector("[data-t-shares]");
if (group) {
  const said = group.querySelector("[data-t-sum]");
  const add = () => {
    let points = 0;
    for (const field of group.querySelectorAll("[data-t-percent]")) {
      points += Math.round(100 * (Number.parseFloat(field.value.replace("%", "")) || 0));
    }
    const left = 10000 - points;
    said.classList.toggle("t-off", left !== 0);
    said.textContent = left === 0 ? "100 %" : `${Math.abs(left) / 100} % ${left < 0 ? said.dataset.tOver : said.dataset.tUnder}`;
  };
  group.addEventListener("input", add);
  add();
}
