import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** Design brief 3.1: the tokens, dark then light. */
const BRIEF: Record<string, string> = {
	bg: "#0B0D12 #F6F7F9",
	s1: "#12151C #FFFFFF",
	s2: "#1A1E27 #F0F2F6",
	s3: "#212633 #FFFFFF",
	line: "#242A36 #E5E8EE",
	line2: "#343C4C #D2D8E2",
	ctl: "#6B7688 #7E899B",
	t1: "#E9ECF2 #12161F",
	t2: "#AEB7C7 #465064",
	t3: "#8F99AB #5D687B",
	acc: "#9DA2FF #4A45D6",
	"acc-fill": "#5A5EE6 #4A45D6",
	"acc-bg": "#20224A #ECECFE",
	ok: "#3ED1A6 #08694E",
	"ok-fill": "#2BB08B #128A69",
	"ok-bg": "#0E2A24 #E2F5EE",
	bad: "#FF8A75 #B3261A",
	"bad-fill": "#D63C22 #B92B16",
	"bad-bg": "#3A1712 #FDECE8",
	warn: "#F5BE4F #875100",
	"warn-fill": "#EDB63C #B87D00",
	"warn-bg": "#33260B #FDF3DC",
	run: "#6FB5FF #0B5CAD",
	"run-fill": "#3A8DE8 #3B8AE0",
	"run-bg": "#0F2740 #E6F1FD",
	idle: "#A3ADBD #525D70",
	"idle-fill": "#6B7688 #7E899B",
	"idle-bg": "#232936 #ECEFF4",
	pred: "#D6A6FF #7A2FB8",
	"pred-fill": "#C79AF5 #6F2DA8",
	"pred-bg": "#2B1A3D #F5EBFD",
	"seq-1": "#1A1E27 #F0F2F6",
	"seq-2": "#2A2C66 #CFCFF9",
	"seq-3": "#4145AE #A3A1F0",
	"seq-4": "#6A6EEF #6F6BE3",
	"seq-5": "#A9ADFF #37329F",
	"cat-1": "#8C90FF #4A45D6",
	"cat-2": "#35B6C9 #0E7C8C",
	"cat-3": "#E6A23C #B26F00",
	"cat-4": "#E86FA8 #B8357A",
	"cat-5": "#B9C2D0 #5D687B",
	"cat-6": "#7FA650 #5C7F22",
};

const APP = fileURLToPath(new URL("../../app", import.meta.url));
const css = readFileSync(`${APP}/ui/tokens.css`, "utf8");
const tokens = new Map(
	[...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)].map(([, name, light, dark]) => [name, { light, dark }]),
);
const themes = ["dark", "light"] as const;
type Theme = (typeof themes)[number];

function colour(name: string, theme: Theme): string {
	const value = name === "white" ? "#ffffff" : tokens.get(name)?.[theme];
	if (value === undefined) throw new Error(`tokens.css has no --${name}`);
	return value;
}

/** @source WCAG 2.2, relative luminance */
function luminance(hex: string): number {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
		const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @source WCAG 2.2, contrast ratio */
function contrast(a: string, b: string): number {
	const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (high + 0.05) / (low + 0.05);
}

/** Pairs of a token and what it stands on that fall short, in both themes. */
function tooFaint(names: string[], groundsOf: (name: string) => string[], least: number): string[] {
	return themes.flatMap((theme) =>
		names.flatMap((name) =>
			groundsOf(name).flatMap((ground) => {
				const ratio = contrast(colour(name, theme), colour(ground, theme));
				return ratio >= least ? [] : [`${theme}: ${name} on ${ground} is ${ratio.toFixed(2)}`];
			}),
		),
	);
}

const MEANINGS = ["acc", "ok", "bad", "warn", "run", "idle", "pred"];
const TINTS = MEANINGS.map((name) => `${name}-bg`);
const SURFACES = ["bg", "s1", "s2", "s3"];

describe("tokens.css", () => {
	test("has the colours of the design brief", () => {
		const found = Object.fromEntries(
			Object.keys(BRIEF).map((name) => [name, themes.map((theme) => colour(name, theme).toUpperCase()).join(" ")]),
		);
		expect(found).toEqual(BRIEF);
	});

	test("the ratios are those of WCAG: black on white is 21, the brief's t1 on bg is 16.4", () => {
		expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
		expect(contrast(colour("t1", "dark"), colour("bg", "dark"))).toBeCloseTo(16.4, 1);
	});

	test("text is readable on every surface, and coloured text on its own tint: 4.5", () => {
		expect(tooFaint(["t1", "t2", "t3"], () => [...SURFACES, ...TINTS, "on"], 4.5)).toEqual([]);
		expect(tooFaint(MEANINGS, (name) => [...SURFACES, `${name}-bg`], 4.5)).toEqual([]);
		expect(tooFaint(["white"], () => ["acc-fill", "bad-fill"], 4.5)).toEqual([]);
	});

	test("what is drawn stands out from what it is drawn on: 3", () => {
		const drawn = [...MEANINGS.filter((name) => name !== "acc").map((name) => `${name}-fill`), "acc", "ctl"];
		expect(tooFaint(drawn, () => ["bg", "s1", "s2"], 3)).toEqual([]);
		expect(tooFaint(["cat-1", "cat-2", "cat-3", "cat-4", "cat-5", "cat-6"], () => ["s1"], 3)).toEqual([]);
	});

	test("the steps of a heatmap go one way and differ", () => {
		for (const theme of themes) {
			const steps = [1, 2, 3, 4, 5].map((step) => colour(`seq-${step}`, theme));
			for (const [index, step] of steps.slice(1).entries()) expect(contrast(step, steps[index]!)).toBeGreaterThan(1.25);
			expect(contrast(steps[4]!, steps[0]!)).toBeGreaterThan(4.5);
		}
	});

	test("whoever asks for more contrast gets it by tokens that have it", () => {
		const more = css.match(/@media \(prefers-contrast: more\) \{\s*:root \{([^}]*)\}/)?.[1] ?? "";
		const asked = Object.fromEntries([...more.matchAll(/--(\w+): var\(--(\w+)\)/g)].map(([, from, to]) => [from, to]));
		expect(asked).toMatchObject({ line: "ctl", line2: "ctl", t3: "t2" });
	});
});

describe("colours come from tokens", () => {
	const read = (kind: RegExp) =>
		readdirSync(APP, { recursive: true, encoding: "utf8" })
			.filter((path) => kind.test(path))
			.map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(`${APP}/${path}`, "utf8") }));

	function found(kind: RegExp, what: RegExp, allowed: Record<string, string> = {}): string[] {
		return read(kind).flatMap(({ path, text }) => (path in allowed ? [] : [...text.matchAll(what)].map(([match]) => `${path}: ${match}`)));
	}

	test("no colour is written out in a page or a class", () => {
		const written = /["'`]#[\da-f]{3,8}["'`]|\[(#|rgb|hsl|hwb|lab|lch|oklab|oklch|color)|\b(rgba?|hsla?|oklch|oklab)\([\d.]/gi;
		expect(found(/\.tsx?$/, written, { "root.tsx": "theme-color, which a browser reads before any style sheet" })).toEqual([]);
		expect(found(/\.css$/, /#[\da-f]{3,8}\b/gi, { "ui/tokens.css": "where they are" })).toEqual([]);
	});

	test("no class takes a colour past the theme", () => {
		const past = /(?<![\w-])(bg|text|border|fill|stroke|outline|ring|shadow|decoration|accent|caret)-\(--[\w-]+\)/g;
		expect(found(/\.tsx$/, past)).toEqual([]);
	});

	test("the browser's own frame has the colour of the page", () => {
		const root = readFileSync(`${APP}/root.tsx`, "utf8");
		const frames = [...root.matchAll(/name="theme-color" content="(#\w{6})"/g)].map(([, value]) => value?.toLowerCase());
		expect(frames).toEqual([colour("bg", "dark"), colour("bg", "light")]);
	});

	test("no element is given a style attribute, which the content security policy refuses", () => {
		expect(found(/\.tsx$/, /\sstyle=/g)).toEqual([]);
	});
});
