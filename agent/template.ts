import { DIFFERENCE_LINE_CHARS, DIFFERENCE_LINES_MAX } from "#worker/wire/agent";
import { HIDDEN, markOfValue, sayArguments, sayNamed, sayText } from "./hiding.ts";
import { HASH_LABEL, type Template } from "./objects.ts";
import { cut } from "./text.ts";

/**
 * Pod templates as lists of lines, and what differs between two of them: the one way in which this program describes a change. Pure but
 * for the process's own key, by which hidden values are told apart.
 *
 * A line is kept as `container app⏎env⏎POOL_MAX⏎"120"`: where it stands, and what it says. Where that is not all (a hidden value, a very
 * long one), a NUL and a mark of the whole value follow, so that two that say the same are still told apart; what is said never has it.
 * Lines are in one order for all templates: images first, then what is set, then the rest by name.
 */

type Json = string | number | boolean | null | undefined | Json[] | Fields;
type Fields = { [name: string]: Json };

/** A template with more is a program of its own; what goes beyond is one line. */
const LINES_MAX = 400;
const SAID_MAX = 240;

/** What the API server fills in by itself, or another controller writes. */
const DEFAULTS: Record<string, Json> = {
	terminationMessagePath: "/dev/termination-log",
	terminationMessagePolicy: "File",
	imagePullPolicy: "IfNotPresent",
	restartPolicy: "Always",
	dnsPolicy: "ClusterFirst",
	schedulerName: "default-scheduler",
	terminationGracePeriodSeconds: 30,
	scheme: "HTTP",
	timeoutSeconds: 1,
	periodSeconds: 10,
	successThreshold: 1,
	failureThreshold: 3,
	defaultMode: 420,
};
/** Of no account where they hold nothing. An empty volume is one. */
const EMPTY = new Set(["securityContext", "resources"]);
/** `$patch` is a ControllerRevision's, `serviceAccount` the old name of `serviceAccountName`. */
const NOISE = new Set(["$patch", "creationTimestamp", "serviceAccount"]);
const NOISE_LABELS = new Set([HASH_LABEL, "controller-revision-hash", "pod-template-generation"]);
/** Maps whose names are people's own, so that a name tells what its value is. */
const OPEN = new Set(["labels", "annotations", "volumeAttributes", "options"]);
const ITEM_WORDS: Record<string, string> = { containers: "container", initContainers: "init container", volumes: "volume" };
const FIRST = ["container ", "init container ", "image", "command", "args", "env", "envFrom"];

type Line = { path: string[]; said: string; value: string };

/** Everything that is in a template and was not filled in by the cluster, in lines that can be compared. */
export function linesOf(template: Template): string[] {
	const { metadata, spec } = template as { metadata?: Fields | null; spec?: Fields };
	const { labels, annotations } = metadata ?? {};
	const own = isFields(labels) ? Object.fromEntries(Object.entries(labels).filter(([name]) => !NOISE_LABELS.has(name))) : {};
	const lines = [...linesIn(["labels"], own), ...linesIn(["annotations"], annotations), ...fieldsIn([], spec ?? {})];
	const sorted = lines.sort((a, b) => compare(a.path, b.path)).map(written);
	if (sorted.length <= LINES_MAX) return sorted;
	const rest = sorted.splice(LINES_MAX - 1);
	return [...sorted, written({ path: ["…"], said: `${rest.length} more`, value: rest.join("\n") })];
}

function fieldsIn(path: string[], fields: Fields): Line[] {
	return Object.entries(fields).flatMap(([name, value]) => (isDefault(name, value) ? [] : linesIn([...path, name], value)));
}

function isDefault(name: string, value: Json): boolean {
	if (NOISE.has(name) || value === DEFAULTS[name]) return true;
	// The API server chooses it by the image's tag.
	if (name === "imagePullPolicy" && value === "Always") return true;
	return EMPTY.has(name) && isFields(value) && Object.keys(value).length === 0;
}

function linesIn(path: string[], value: Json): Line[] {
	const name = path.at(-1) ?? "";
	if (value === null || value === undefined) return [];
	if (Array.isArray(value)) return listed(path, value);
	if (!isFields(value)) {
		const text = String(value);
		// A probe's path may have a token in its query. An image's digest is no secret.
		return [{ path, said: name !== "image" && /[=@]/.test(text) ? sayText(text, true) : text, value: text }];
	}
	if (!OPEN.has(name)) return Object.keys(value).length === 0 ? [plain(path, "{}")] : fieldsIn(path, value);
	return Object.entries(value).flatMap(([field, inner]) =>
		typeof inner === "string" ? named([...path, field], inner) : linesIn([...path, field], inner),
	);
}

function listed(path: string[], items: Json[]): Line[] {
	const name = path.at(-1) ?? "";
	if (items.length === 0) return [];
	if (!items.every(isFields)) {
		const texts = items.map((item) => (typeof item === "string" ? item : JSON.stringify(item ?? null)));
		return [{ path, said: JSON.stringify(sayArguments(texts)), value: JSON.stringify(texts) }];
	}
	if (name === "ports") return [plain(path, items.map(portWords).join(", "))];
	if (name === "envFrom") return [plain(path, items.map(sourceWords).join(", "))];
	if (name !== "env" && items.every((item) => Object.keys(item).join() === "name"))
		return [plain(path, items.map((item) => String(item.name)).join(", "))];
	const word = ITEM_WORDS[name];
	return items.flatMap((item, n) => {
		const key = name === "volumeMounts" ? "mountPath" : "name";
		const { [key]: own, ...rest } = item;
		const title = typeof own === "string" ? own : String(n + 1);
		const inner = word === undefined ? [...path, title] : [...path.slice(0, -1), `${word} ${title}`];
		if (name === "env" && rest.valueFrom) return plain(inner, `from ${originWords(rest.valueFrom)}`);
		// A variable, a header, a kernel's setting.
		if (name === "env" || (own === title && typeof rest.value === "string")) return named(inner, String(rest.value ?? ""));
		return Object.keys(rest).length === 0 ? plain(inner, "{}") : fieldsIn(inner, rest);
	});
}

const isFields = (value: Json): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const plain = (path: string[], said: string): Line => ({ path, said, value: said });

function named(path: string[], value: string): Line {
	const said = sayNamed(path.at(-1) ?? "", value);
	// Text that is hidden in part is quoted like any other; what is hidden whole is no text.
	return { path, said: said === HIDDEN ? said : JSON.stringify(said), value: JSON.stringify(value) };
}

/** `8080`, `8080/UDP`, `8080 (http)`. */
function portWords({ name, containerPort, protocol, hostPort }: Fields): string {
	const kind = protocol === undefined || protocol === "TCP" ? "" : `/${protocol}`;
	const host = hostPort === undefined || hostPort === 0 ? "" : ` on the node's ${hostPort}`;
	return `${containerPort}${kind}${name ? ` (${name})` : ""}${host}`;
}

/** Where a variable's value comes from: `secret db/password`. What is there is never read. */
function originWords(from: Json): string {
	const { secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef } = from as Record<string, Fields | undefined>;
	if (secretKeyRef) return `secret ${secretKeyRef.name}/${secretKeyRef.key}`;
	if (configMapKeyRef) return `configMap ${configMapKeyRef.name}/${configMapKeyRef.key}`;
	if (fieldRef) return `field ${fieldRef.fieldPath}`;
	if (resourceFieldRef) return `resource ${[resourceFieldRef.containerName, resourceFieldRef.resource].filter(Boolean).join(" ")}`;
	return JSON.stringify(from);
}

function sourceWords({ prefix, secretRef, configMapRef }: Fields): string {
	const [kind, ref] = isFields(secretRef) ? ["secret", secretRef] : ["configMap", isFields(configMapRef) ? configMapRef : {}];
	return `${kind} ${ref.name}${prefix ? ` as ${prefix}*` : ""}`;
}

function written({ path, said, value }: Line): string {
	const short = cut(said.replace(/[\0-\x1f\x7f]/g, " "), SAID_MAX);
	const where = path.map((part) => cut(part.replace(/[\0-\x1f\x7f]/g, " "), SAID_MAX));
	return `${[...where, short].join("\n")}${short === value ? "" : `\0${markOfValue(value)}`}`;
}

function compare(a: readonly string[], b: readonly string[]): number {
	for (let n = 0; n < Math.min(a.length, b.length); n++) {
		const [one, other] = [a[n] as string, b[n] as string];
		if (one !== other) return rank(one) - rank(other) || (one < other ? -1 : 1);
	}
	return a.length - b.length;
}

function rank(part: string): number {
	const found = FIRST.indexOf(/^(?:init )?container (?=.)/.exec(part)?.[0] ?? part);
	return found < 0 ? FIRST.length : found;
}

function read(line: string): Line {
	const [text = "", value = ""] = line.split("\0");
	const path = text.split("\n");
	return { said: path.pop() ?? "", path, value };
}

/**
 * What differs between two templates, as lines of a diff under the headings they stand under: `  env:`, `-   POOL_MAX: "120"`,
 * `+   POOL_MAX: "40"`. Equal templates differ in nothing. Of two values that say the same, as hidden ones do, the second is
 * "another value". At most `DIFFERENCE_LINES_MAX` lines, the last of which says how many more there are.
 */
export function differenceOf(from: readonly string[], to: readonly string[]): string[] {
	const out: string[] = [];
	let under: string[] = [];
	const say = (sign: "-" | "+", { path, said }: Line, isOther = false) => {
		const heads = path.slice(0, -1);
		const same = heads.findIndex((head, n) => head !== under[n]);
		for (let n = same < 0 ? heads.length : same; n < heads.length; n++) out.push(`  ${"  ".repeat(n)}${heads[n]}:`);
		under = heads;
		out.push(`${sign} ${"  ".repeat(heads.length)}${path.at(-1)}: ${said}${isOther ? " (another value)" : ""}`);
	};
	for (let [i, j] = [0, 0]; i < from.length || j < to.length; ) {
		const [before, after] = [from[i], to[j]];
		if (before === after) {
			i++;
			j++;
			continue;
		}
		const [a, b] = [before === undefined ? null : read(before), after === undefined ? null : read(after)];
		const order = a === null ? 1 : b === null ? -1 : compare(a.path, b.path);
		if (a !== null && order <= 0) {
			say("-", a);
			i++;
		}
		if (b !== null && order >= 0) {
			say("+", b, order === 0 && a?.said === b.said);
			j++;
		}
	}
	const more = out.length - DIFFERENCE_LINES_MAX + 1;
	const shown = more > 1 ? [...out.slice(0, DIFFERENCE_LINES_MAX - 1), `  … ${more} more lines`] : out;
	return shown.map((line) => cut(line, DIFFERENCE_LINE_CHARS));
}

/** The same lines, those that another list has already as that list's own: the revisions of a workload differ in few. */
export function shared(lines: readonly string[], with_: readonly string[]): string[] {
	const held = new Map(with_.map((line) => [line, line]));
	return lines.map((line) => held.get(line) ?? line);
}
