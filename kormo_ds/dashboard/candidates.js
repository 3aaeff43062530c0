// What may be written at a place of a SQL text. No DOM here: the editor and its tests import it.

const MOST = 50;
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*\n|\/\*[\s\S]*?\*\//g;
const NAMED = String.raw`((?:[\p{L}_][\p{L}\p{N}_]*\s*\.\s*)?(?:"[^"]+"|[\p{L}_][\p{L}\p{N}_]*))`;
const FROM = new RegExp(String.raw`(?:\bfrom|\bjoin|,)\s+${NAMED}(?=(?:\s+(?:as\s+)?([\p{L}_]\w*))?)`, "giu");
const bare = (name) => name.replaceAll('"', "").replace(/\s*\.\s*/, ".").toLowerCase();

/** What may be written at `caret`: {from: where it begins, options: [{name, note}]}, the best first. */
export function candidates(text, caret, words) {
  const before = text.slice(0, caret);
  const nothing = { from: caret, options: [] };
  if (/'|--|\/\*/.test(before.replace(TOKENS, " "))) return nothing; // in a string or comment
  const tables = words.tables.map((t) => ({ name: t.name, note: [t.kind, t.meaning].filter(Boolean).join(" · ") }));
  const columnsOf = (t) => t.columns.map((c) => ({ name: c.name, note: [c.type, c.meaning].filter(Boolean).join(" · ") }));
  const made = [...text.matchAll(/(?:\bwith|,)\s+([\p{L}_]\w*)\s+as\s*(?:materialized\s*)?\(/giu)];
  const ctes = made.map((m) => ({ name: m[1], note: "with" }));

  const dotted = before.match(/([\p{L}_][\p{L}\p{N}_]*)\s*\.\s*("?[^\s"'(),;.]*)$/u);
  if (dotted) {
    const [, owner, part] = dotted;
    const inside = tables.filter((t) => t.name.startsWith(`${owner}."`));
    const within = inside.map((t) => ({ ...t, name: t.name.slice(owner.length + 1) }));
    const known = aliases(text, words).get(owner.toLowerCase());
    return { from: caret - part.length, options: matching([...(known ? columnsOf(known) : []), ...within], part) };
  }
  const part = before.match(/(?:\$\w*|\d[\w.]*|[\p{L}_][\p{L}\p{N}_]*)?$/u)[0];
  if (/^[$\d]/.test(part)) return nothing; // a parameter or a number
  if (/\bas\s+$/i.test(before.slice(0, caret - part.length))) return nothing; // a new name
  const from = caret - part.length;
  const ahead = before.slice(0, from);
  const loaded = words.queries.map(([name, note]) => ({ name, note, query: true }));
  if (!ahead.trim()) { // a text may begin with a query's name
    const first = ["select", "from", "with", "describe", "summarize"].map((name) => ({ name, note: "" }));
    return { from, options: matching([...first, ...(part.length > 1 ? loaded : [])], part) };
  }
  const seen = new Set(aliases(text, words).values());
  const columns = [...seen].flatMap(columnsOf);
  const functions = words.functions.map(([name, note]) => ({ name: `${name}(`, note }));
  const keywords = words.keywords.map((name) => ({ name, note: "" }));
  const is_table = /\b(?:from|join)\s+$/i.test(ahead) || /\bfrom\s+[^()]*,\s*$/i.test(ahead.replace(/[\s\S]*\b(?=from\b)/i, ""));
  const order = is_table ? [ctes, tables] : part ? [columns, keywords, functions, ctes, tables] : [columns];
  return { from, options: matching(order.flat(), part) };
}

/** The tables that a text names, by their names and aliases. */
function aliases(text, words) {
  const known = new Map(words.tables.map((t) => [bare(t.name), t]));
  const found = new Map();
  for (const [, name, alias] of text.matchAll(FROM)) {
    const table = known.get(bare(name));
    if (!table) continue;
    found.set(bare(name).split(".").at(-1), table);
    if (alias && !words.keywords.includes(alias.toLowerCase())) found.set(alias.toLowerCase(), table);
  }
  return found;
}

/** Those that begin with `part`, then those that hold it; none where it is written already. */
function matching(options, part) {
  const asked = part.replace('"', "").toLowerCase();
  const once = [...new Map(options.toReversed().map((o) => [o.name, o])).values()].toReversed();
  const rank = (o) => bare(o.name).indexOf(asked);
  const held = once.filter((o) => rank(o) === 0 || (asked.length > 1 && rank(o) > 0));
  const found = [...held.filter((o) => rank(o) === 0), ...held.filter((o) => rank(o) > 0)];
  return found.length && found[0].name === part ? [] : found.slice(0, MOST);
}
