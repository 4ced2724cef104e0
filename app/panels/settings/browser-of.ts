// The first that is found counts: most say that they are Chrome or Safari as well.
const BROWSERS: readonly [RegExp, string][] = [
	[/Edg(?:e|A|iOS)?\//, "Edge"],
	[/OPR\//, "Opera"],
	[/Firefox\/|FxiOS\//, "Firefox"],
	[/Chrome\/|CriOS\//, "Chrome"],
	[/Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
	[/iPhone|iPad/, "iOS"],
	[/Android/, "Android"],
	[/Windows/, "Windows"],
	[/Mac OS X/, "macOS"],
	[/Linux|CrOS/, "Linux"],
];

/** What a user agent calls itself, in two words. */
export function browserOf(agent: string | null): string {
	if (!agent) return "An unknown browser";
	const [browser, system] = [BROWSERS, SYSTEMS].map((list) => list.find(([form]) => form.test(agent))?.[1]);
	if (!browser) return agent.split(/[\s/]/)[0]?.slice(0, 40) || "An unknown browser";
	return system ? `${browser} on ${system}` : browser;
}
