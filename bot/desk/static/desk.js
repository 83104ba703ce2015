// Brings the part of a page that is marked "live" up to date; everything works without it too.
(function () {
  "use strict";

  var live = document.getElementById("live");
  if (!live) return;

  var connection = document.getElementById("connection");
  var news = document.getElementById("news");
  var text = document.getElementById("text");
  var mark = live.dataset.mark;
  var busy = false;
  var again = false;
  var out = false;

  function count(root) {
    var found = root.querySelector("[data-count]");
    return found ? Number(found.dataset.count) : 0;
  }

  function state(root) {
    var found = root.querySelector("[data-state]");
    return found ? found.dataset.state : "";
  }

  // A reply or a note that is not sent yet.
  function writing() {
    return Array.from(document.querySelectorAll("textarea")).some(function (box) {
      return box.value.trim();
    });
  }

  function say(where, words) {
    if (where.textContent !== words) where.textContent = words;
  }

  function replace(html) {
    var part = document.createElement("div");
    part.innerHTML = html;
    if (state(part) !== state(live)) {
      // Other things can be done with it now: show them, unless somebody is writing.
      if (!writing()) return window.location.reload();
      say(connection, live.dataset.stale);
    }
    if (count(part) > count(live)) say(news, live.dataset.new);
    var focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    var anchor = text && document.activeElement === text ? text : null;
    var top = anchor ? anchor.getBoundingClientRect().top : 0;
    live.replaceChildren.apply(live, Array.from(part.childNodes));
    var next = focused ? document.getElementById(focused) : null;
    if (next) next.focus({ preventScroll: true });
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - top);
    var titled = live.querySelector("[data-title]");
    if (titled) document.title = titled.dataset.title;
  }

  // Logged out: the way back in, unless that would lose what is being written.
  function leave() {
    out = true;
    if (!writing()) return window.location.reload();
    say(connection, connection.dataset.gone);
  }

  function refresh() {
    if (out) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    fetch(live.dataset.part, { credentials: "same-origin" })
      .then(function (response) {
        // It was sent on to the login page.
        if (response.redirected) return leave();
        if (!response.ok) throw new Error(String(response.status));
        return response.text().then(replace);
      })
      .catch(function () {
        say(connection, connection.dataset.lost);
      })
      .then(function () {
        busy = false;
        if (again) {
          again = false;
          refresh();
        }
      });
  }

  // The words for how long a promise lasts change by themselves.
  window.setInterval(refresh, 30000);
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) refresh();
  });

  function connect() {
    var events = new EventSource("/desk/events");
    events.addEventListener("open", function () {
      if (connection.textContent === connection.dataset.lost) say(connection, "");
    });
    events.addEventListener("changed", function (event) {
      if (event.data === mark) return;
      mark = event.data;
      refresh();
    });
    events.addEventListener("gone", refresh);
    events.addEventListener("error", function () {
      if (!out) say(connection, connection.dataset.lost);
      if (events.readyState !== EventSource.CLOSED || out) return;
      // Refused rather than cut off: asking for the page's part tells why.
      refresh();
      window.setTimeout(connect, 5000);
    });
  }
  if (window.EventSource) connect();

  var left = document.getElementById("left");
  if (text && left) {
    text.addEventListener("input", function () {
      var most = Number(left.dataset.most);
      var room = most - text.value.length;
      if (room < most / 10) left.textContent = left.dataset.left.replace("{n}", String(room));
    });
  }

  // A second tap must not send a form twice.
  document.addEventListener("submit", function (event) {
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });
})();
