import { existsSync } from "node:fs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Whether this machine has a browser to measure in; says so where it has none. */
export function hasBrowser(goal) {
	if (existsSync(CHROMIUM)) return true;
	console.error(`${goal} skipped: no Chromium at ${CHROMIUM}; set CHROMIUM to its path`);
	return false;
}

/** The browser of this machine. */
export async function launchBrowser() {
	const { chromium } = await import("playwright-core");
	return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
}

/** The cookie header of a principal as browser cookies; `__Host-` ones must be secure and carry no domain. */
function cookiesOf(header, url) {
	return header.split(/;\s*/).map((pair) => {
		const [name, ...value] = pair.split("=");
		const isSecure = name.startsWith("__");
		const cookie = { name, value: value.join("="), httpOnly: true, secure: isSecure, sameSite: "Lax" };
		return { ...cookie, url: isSecure ? url.replace("http:", "https:") : url };
	});
}

/** A page on which the measured team's viewer is signed in. */
export async function openPage(browser, { team, url }) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
	await context.addCookies(cookiesOf(team.sessions.viewer, url));
	return await context.newPage();
}
