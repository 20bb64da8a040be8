// Reads typed money back in 大写: <input data-money> with <… id="NAME-readback" data-readback>.
// Exact: digits stay text from the keyboard to the words. The server's foundation/display/money.py says the same.
"use strict";

(function () {
  const DIGITS = "零壹贰叁肆伍陆柒捌玖";
  const PLACES = ["", "拾", "佰", "仟"];
  const GROUPS = ["", "万", "亿", "万亿"];

  // Up to four digits, without leading 零: "1005" → 壹仟零伍
  function group(text) {
    let words = "";
    let gap = false;
    for (let i = 0; i < text.length; i += 1) {
      const digit = Number(text[i]);
      if (digit === 0) {
        gap = words !== "";
      } else {
        words += (gap ? "零" : "") + DIGITS[digit] + PLACES[text.length - 1 - i];
        gap = false;
      }
    }
    return words;
  }

  // Below 亿: two groups of four. A group that does not fill its 仟 is joined with 零.
  function small(text) {
    const digits = text.replace(/^0+/, "");
    const high = group(digits.slice(0, -4));
    const low = group(digits.slice(-4));
    if (!high) return low;
    if (!low) return high + "万";
    return high + "万" + (digits.slice(-4)[0] === "0" ? "零" : "") + low;
  }

  function whole(text) {
    const digits = text.replace(/^0+/, "");
    if (!digits) return DIGITS[0];
    const high = small(digits.slice(0, -8));
    const rest = digits.slice(-8);
    if (!high) return small(rest);
    const low = small(rest);
    if (!low) return high + GROUPS[2];
    return high + GROUPS[2] + (rest[0] === "0" ? "零" : "") + low;
  }

  function clean(typed) {
    return typed
      .replace(/[,，\s]/g, "")
      .replace(/[０-９]/g, (c) => String(c.charCodeAt(0) - 0xff10))
      .replace("．", ".");
  }

  // "3,200,000.5" → 叁佰贰拾万元伍角; "" for nothing typed; null for what is no amount.
  function inCapitals(typed) {
    const text = clean(typed);
    if (text === "") return "";
    const match = /^(\d{1,14})(?:\.(\d{0,2}))?$/.exec(text);
    if (!match) return null;
    const fraction = ((match[2] || "") + "00").slice(0, 2);
    const body = whole(match[1]);
    if (fraction === "00") return body + "元整";
    const jiao = fraction[0] === "0" ? "" : DIGITS[Number(fraction[0])] + "角";
    const fen = fraction[1] === "0" ? "" : DIGITS[Number(fraction[1])] + "分";
    if (body === DIGITS[0]) return jiao + fen;
    return body + "元" + (jiao ? "" : "零") + jiao + fen;
  }

  // What stands under the input: 3,200,000 元 · 叁佰贰拾万元整
  function readBack(typed) {
    const words = inCapitals(typed);
    if (!words) return words;
    const [yuan, fen] = clean(typed).split(".");
    const grouped = yuan.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
    const cents = ((fen || "") + "00").slice(0, 2);
    return grouped + (cents === "00" ? "" : "." + cents) + " 元 · " + words;
  }

  function show(input) {
    const texts = document.getElementById("script-texts").dataset;
    const target = document.getElementById(input.name + "-readback");
    if (!target) return;
    // Foreign money is converted by the server (currency.js).
    const currency = document.getElementById(input.dataset.currency || "");
    if (currency && currency.value !== "CNY") return;
    const words = readBack(input.value);
    target.classList.toggle("wrong", words === null);
    target.textContent = words === null ? texts.wrongAmount : words;
  }

  if (typeof document === "undefined") {
    module.exports = { inCapitals, readBack };
    return;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-money]")) show(event.target);
  });
  document.querySelectorAll("input[data-money]").forEach(show);
})();
