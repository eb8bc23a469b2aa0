// Makes the page from the OpenAPI document. Everything that comes from outside becomes text, never
// markup.

const METHODS = ["get", "post", "delete"];
const key = document.querySelector("#key");
const find = document.querySelector("#find");
const places = document.querySelector("#places");

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function headers(extra = {}) {
  return key.value ? { ...extra, "X-API-Key": key.value } : extra;
}

function resolved(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? api.components.schemas[name] : schema;
}

// An example value of a schema; what is not required is left out below the first level.
function example(api, given, depth = 0) {
  const schema = resolved(api, given) ?? {};
  if (schema.example !== undefined) return schema.example;
  const choice = (schema.oneOf ?? schema.anyOf ?? []).find((one) => one.type !== "null");
  if (choice) return example(api, choice, depth);
  if (schema.enum) return schema.enum[0];
  const type = [schema.type].flat().find((one) => one !== "null");
  if (type === "array") return [example(api, schema.items, depth + 1)];
  if (type === "integer" || type === "number") return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
  if (type === "boolean") return false;
  if (type !== "object" && !schema.properties) {
    if (schema.format === "date") return new Date().toISOString().slice(0, 10);
    return schema.format === "date-time" ? new Date().toISOString() : "";
  }
  const wanted = Object.entries(schema.properties ?? {})
    .filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(wanted.map(([name, part]) => [name, example(api, part, depth + 1)]));
}

function words(api, given) {
  const schema = resolved(api, given) ?? {};
  const type = [schema.type].flat().filter(Boolean).join(" or ");
  const bounds = [
    schema.format, schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`, schema.enum?.join(" · "),
  ];
  return [type, ...bounds].filter(Boolean).join(", ");
}

function parameters(api, operation, inputs) {
  const rows = (operation.parameters ?? []).map((parameter) => {
    const input = make("input", { required: Boolean(parameter.required), ariaLabel: parameter.name });
    inputs.push({ parameter, input });
    return make("tr", {}, make("td", {}, make("code", { textContent: parameter.name })),
      make("td", {}, input), make("td", { textContent: words(api, parameter.schema) }),
      make("td", { textContent: parameter.description ?? "" }));
  });
  return rows.length ? [make("table", {}, ...rows)] : [];
}

function address(path, inputs) {
  const query = new URLSearchParams();
  let filled = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query" && input.value) query.set(parameter.name, input.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(method, url, sent, body) {
  const shown = { ...sent, ...(key.value ? { "X-API-Key": "$LURCHER_KEY" } : {}) };
  const parts = ["curl", method === "get" ? "" : `-X ${method.toUpperCase()}`];
  for (const [name, value] of Object.entries(shown)) parts.push(`-H "${name}: ${value}"`);
  if (body !== undefined) parts.push(`--data-binary ${quoted(body)}`);
  return [...parts, quoted(location.origin + url)].filter(Boolean).join(" ");
}

function operation(api, path, method, about) {
  const inputs = [];
  const media = Object.keys(about.requestBody?.content ?? {})[0];
  const schema = media && about.requestBody.content[media].schema;
  const first = schema && (resolved(api, schema)?.oneOf?.[0] ?? schema);
  const body = media && make("textarea", {
    spellcheck: false, ariaLabel: "body", value: JSON.stringify(example(api, first), null, 2),
  });
  const answer = make("pre", { hidden: true });
  const line = make("p", { hidden: true });
  const send = make("button", { type: "button", textContent: "Send" });
  send.addEventListener("click", async () => {
    const url = address(path, inputs);
    const sent = media ? { "Content-Type": media } : {};
    for (const { parameter, input } of inputs) {
      if (parameter.in === "header" && input.value) sent[parameter.name] = input.value;
    }
    line.hidden = answer.hidden = false;
    line.className = "";
    line.textContent = "…";
    try {
      const response = await fetch(url, { method: method.toUpperCase(), headers: headers(sent), body: body?.value });
      const text = await response.text();
      line.className = response.ok ? "good" : "bad";
      line.textContent = `${response.status} ${response.statusText} · ${response.headers.get("X-Process-Time") ?? "?"} s`;
      answer.textContent = `${curl(method, url, sent, body?.value)}\n\n${pretty(text)}`;
    } catch (error) {
      line.className = "bad";
      line.textContent = `No answer: ${error.message}`;
      answer.hidden = true;
    }
  });
  const scope = about.security?.flatMap((way) => Object.values(way).flat())[0];
  const statuses = Object.entries(about.responses ?? {}).map(([status, said]) =>
    make("tr", {}, make("td", { textContent: status }), make("td", { textContent: said.description ?? "" })));
  return make("details", { className: "place" },
    make("summary", {}, make("b", { textContent: method.toUpperCase() }), make("code", { textContent: path }),
      ` ${about.summary ?? about.description ?? ""}`),
    make("div", {}, make("p", { textContent: scope ? `Needs a key with the scope ${scope}, where keys are configured.` : "Open to everybody." }),
      ...parameters(api, about, inputs), ...(body ? [body] : []), send, line, answer,
      make("details", {}, make("summary", { textContent: "Answers" }), make("div", {}, make("table", {}, ...statuses)))));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function read() {
  const response = await fetch("/api/openapi.json", { headers: headers() });
  if (!response.ok) {
    places.textContent = response.status === 401
      ? "This daemon wants a key: put one in above."
      : `The document could not be read: ${response.status}`;
    return;
  }
  const api = await response.json();
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const tag = item[method].tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(api, path, method, item[method])]);
    }
  }
  places.replaceChildren(...[...groups].flatMap(([tag, found]) => [make("h2", { textContent: tag }), ...found]));
}

find.addEventListener("input", () => {
  const wanted = find.value.toLowerCase();
  for (const place of document.querySelectorAll(".place")) {
    place.hidden = !place.querySelector("summary").textContent.toLowerCase().includes(wanted);
  }
});
key.addEventListener("change", read);
read();
