// The draft page: sends what is dropped or pasted to the program on this machine, shows the answer,
// and marks the chosen figure in the text. What was sent stays in this page alone.
"use strict";

(() => {
  const form = document.querySelector("[data-draft]");
  const drop = document.querySelector("[data-drop]");
  const status = document.querySelector("[data-status]");
  const result = document.querySelector("[data-result]");
  const { language, reading, unreachable } = document.body.dataset;
  let turn = 0;

  const check = async (body, suffix) => {
    const mine = ++turn;
    status.textContent = reading;
    result.replaceChildren();
    let answer;
    try {
      answer = await fetch(`/${language}/check`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream", "X-Gongkai-Draft": suffix },
        body,
      });
    } catch {
      if (mine === turn) status.textContent = unreachable;
      return;
    }
    const text = await answer.text();
    if (mine !== turn) return;
    status.textContent = "";
    // The server escapes everything that a draft says, and the page's policy runs no inline script.
    result.innerHTML = text;
    result.focus();
  };

  const suffixOf = (file) => /\.([a-z0-9]{1,8})$/i.exec(file.name)?.[1].toLowerCase() ?? "txt";
  const checkFile = (file) => file && check(file, suffixOf(file));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.querySelector("#file").files[0];
    const text = form.querySelector("#text").value;
    if (text.trim()) check(new Blob([text]), "txt");
    else checkFile(file);
  });
  form.querySelector("#file").addEventListener("change", (event) => checkFile(event.target.files[0]));

  for (const name of ["dragenter", "dragover"])
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  for (const name of ["dragleave", "drop"])
    document.addEventListener(name, () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    checkFile(event.dataTransfer.files[0]);
  });

  result.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) return window.print();
    const figure = event.target.closest("[data-figures]");
    if (!figure) return;
    for (const chosen of result.querySelectorAll(".chosen")) chosen.classList.remove("chosen");
    figure.classList.add("chosen");
    const wanted = new Set(figure.dataset.figures.split(" "));
    const found = [...result.querySelectorAll("[data-marks]")].filter((stretch) =>
      stretch.dataset.marks.split(" ").some((mark) => wanted.has(mark)),
    );
    for (const stretch of found) stretch.classList.add("chosen");
    const pane = result.querySelector(".source-pane");
    if (found.length) pane.scrollTop += found[0].getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  });
})();
