// Makes the page live. Without this script everything still works by plain forms and links.
(function () {
  "use strict";
  var log = document.getElementById("log");
  var state = document.getElementById("state");
  var write = document.getElementById("write");
  if (!window.EventSource || !window.fetch || !window.crypto || !window.Promise) return;

  var body = document.body;
  var seen = Number(body.dataset.seen);
  var language = body.dataset.language;
  var queue = [];
  var sending = false;
  var lost = false;
  var unsent = false;
  var thinking = 0;
  var focusNext = false;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function key() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  }

  // What the line under the conversation says: the worst news first.
  function tell(words) {
    var text = words || (unsent ? state.dataset.unsent : lost ? state.dataset.lost : thinking ? state.dataset.thinking : "");
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("trouble", Boolean(words) || unsent || lost);
  }

  function think(on) {
    clearTimeout(thinking);
    thinking = on ? setTimeout(function () { think(false); wake(); }, 8000) : 0;
    tell();
  }

  function show(element) {
    element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  // What the resident said is shown, and kept nowhere.
  function mine(text) {
    var said = document.createElement("p");
    var who = document.createElement("span");
    said.className = "mine waiting";
    said.dir = "auto";
    who.className = "unseen";
    who.textContent = state.dataset.you + ": ";
    said.appendChild(who);
    said.appendChild(document.createTextNode(text));
    log.appendChild(said);
    show(said);
    return said;
  }

  function say(fields, label) {
    var threshold = document.getElementById("threshold");
    if (threshold) threshold.remove();
    document.querySelectorAll(".notice, .problem").forEach(function (old) { old.remove(); });
    fields.key = key();
    fields.language = language;
    queue.push({ fields: fields, bubble: label ? mine(label) : null, waits: 1000 });
    send();
  }

  // One at a time and in order; each is tried with the same key until it is stored.
  function send() {
    if (sending || !queue.length) return;
    sending = true;
    think(true);
    var first = queue[0];
    fetch("/chat/say", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(first.fields)
    }).then(function (response) {
      if (response.status === 202) return response.json().then(stored);
      return response.json().then(function (answer) { refused(response.status, answer); });
    }).catch(function () { refused(0, {}); });
  }

  function stored(answer) {
    var done = queue.shift();
    if (done.bubble) done.bubble.classList.remove("waiting");
    sending = unsent = false;
    tell();
    if (answer.new) listen();
    send();
  }

  function refused(status, answer) {
    var first = queue[0];
    (answer.answers || []).forEach(function (data) { receive(JSON.parse(data), 0); });
    think(false);
    if (status === 0 || status === 429 || status >= 500) {
      unsent = true;
      tell(status === 429 || status === 503 ? answer.problem : "");
      setTimeout(function () { sending = false; send(); }, status === 429 ? 20000 : first.waits);
      first.waits = Math.min(first.waits * 2, 15000);
      return;
    }
    queue.shift();
    sending = unsent = false;
    if (first.bubble) first.bubble.remove();
    if (first.fields.text && !write.value) write.value = first.fields.text;
    wake();
    tell(answer.problem);
    send();
  }

  function wake() {
    document.querySelectorAll("[aria-disabled]").forEach(function (b) { b.removeAttribute("aria-disabled"); });
  }

  // Answers.

  function receive(answer, id) {
    if (id && id <= seen) return;
    if (id) seen = id;
    var holder = document.createElement("template");
    holder.innerHTML = answer.html;
    var letter = holder.content.querySelector("article");
    var threshold = document.getElementById("threshold");
    if (threshold) threshold.remove();
    if (answer.seq >= 0) retire(answer.seq);
    log.appendChild(letter);
    offerPlace(letter);
    wake();
    think(false);
    follow(letter);
    if (answer.language !== language) speak(answer.language);
  }

  // Choices of earlier turns can no longer be tapped.
  function retire(seq) {
    log.querySelectorAll("article:not(.past)").forEach(function (old) {
      if (Number(old.dataset.seq) >= seq) return;
      if (old.contains(document.activeElement)) focusNext = true;
      old.classList.add("past");
    });
  }

  // A long answer is read from its beginning.
  function follow(letter) {
    if (focusNext) {
      focusNext = false;
      letter.focus({ preventScroll: true });
    }
    var before = letter.previousElementSibling;
    var start = before && before.classList.contains("mine") ? before : letter;
    if (start === letter && before && !before.classList.contains("past")) return show(letter);
    start.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }

  // The page's own words follow the conversation's language.
  function speak(wanted) {
    language = wanted;
    fetch("/", { credentials: "same-origin" }).then(function (response) { return response.text(); }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html");
      if (fresh.body.dataset.language !== wanted) return;
      document.documentElement.lang = wanted;
      document.documentElement.dir = fresh.documentElement.dir;
      document.title = fresh.title;
      ["top", "bar", "writelabel"].forEach(function (id) {
        document.getElementById(id).innerHTML = fresh.getElementById(id).innerHTML;
      });
      ["state", "write", "send", "log", "bar"].forEach(function (id) {
        var ours = document.getElementById(id), theirs = fresh.getElementById(id);
        Array.from(theirs.attributes).forEach(function (a) {
          if (/^(data-|aria-label$|placeholder$)/.test(a.name)) ours.setAttribute(a.name, a.value);
        });
      });
      tell();
    }).catch(function () { });
  }

  var source = null;
  var again = 0;
  function listen() {
    if (source) source.close();
    clearTimeout(again);
    source = new EventSource("/chat/events?after=" + seen);
    source.onopen = function () { lost = false; tell(); };
    source.onmessage = function (event) { receive(JSON.parse(event.data), Number(event.lastEventId)); };
    source.addEventListener("gone", function () { source.close(); location.replace("/?wiped&lang=" + language); });
    source.onerror = function () {
      lost = true;
      tell();
      if (source.readyState === 2) again = setTimeout(listen, 3000);
    };
  }

  // Their place, when they want to give it.

  function offerPlace(letter) {
    if (!navigator.geolocation || window.isSecureContext === false) return;
    letter.querySelectorAll("[data-locate]").forEach(function (b) { b.hidden = false; });
  }

  function locate() {
    think(true);
    navigator.geolocation.getCurrentPosition(function (found) {
      say({ location: found.coords.latitude + "," + found.coords.longitude }, state.dataset.place);
    }, function () { think(false); tell(state.dataset.noplace); }, { timeout: 10000, maximumAge: 600000 });
  }

  // What is tapped and typed.

  document.addEventListener("click", function (event) {
    var leave = event.target.closest("[data-leave]");
    if (leave) {
      event.preventDefault();
      body.textContent = "";
      document.title = "";
      location.replace(leave.href);
      return;
    }
    var button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-locate")) return locate();
    if (button.name !== "choice" && button.name !== "start") return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    var letter = button.closest("article");
    if (letter) letter.querySelectorAll("button").forEach(function (b) { b.setAttribute("aria-disabled", "true"); });
    if (button.name === "start") {
      focusNext = true;
      return say({ start: button.value }, "");
    }
    var heading = button.classList.contains("open") && button.closest(".card").querySelector("h3");
    say({ choice: button.value }, (heading || button).textContent.trim());
  });

  function sendText() {
    var text = write.value;
    if (!text.trim()) return write.focus();
    write.value = "";
    grow();
    say({ text: text }, text);
    write.focus();
  }

  function grow() {
    write.rows = Math.min(4, write.value.split("\n").length + Math.floor(write.value.length / 60));
  }

  document.getElementById("composer").addEventListener("submit", function (event) {
    event.preventDefault();
    sendText();
  });
  write.addEventListener("input", grow);
  write.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendText();
    }
  });
  document.addEventListener("keydown", function (event) {
    var open = document.querySelector("details[open]");
    if (event.key === "Escape" && open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
  // Back into a page that was left: ask the server what may be shown.
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  log.querySelectorAll("article").forEach(offerPlace);
  if (log.lastElementChild) log.lastElementChild.scrollIntoView({ block: "start" });
  listen();
})();
