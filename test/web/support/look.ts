import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with a page as it stands, one line each. Evaluated, as the page's policy lets no foreign script in. */
export async function axeViolations(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	const found = await page.evaluate(() => {
		const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
		return axe.run({ resultTypes: ["violations"] });
	});
	return found.violations.flatMap(({ id, nodes }) =>
		nodes.map(({ target, any, all, none }) => `${id}: ${target.join(" ")} (${[...any, ...all, ...none][0]?.message ?? ""})`),
	);
}

/** Buttons and badges whose text does not fit into them. */
export function cutTexts(page: Page): Promise<string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll<HTMLElement>("button, summary, .badge, a.target")]
			.filter((element) => element.checkVisibility({ visibilityProperty: true }))
			.flatMap((element) => [element, ...element.querySelectorAll<HTMLElement>("span")])
			.filter(({ clientWidth, scrollWidth }) => clientWidth > 1 && scrollWidth > clientWidth + 1)
			.map(({ className, textContent }) => `"${textContent}" in ${className}`),
	);
}

/** Whatever moves by itself. */
export function runningAnimations(page: Page): Promise<string[]> {
	return page.evaluate(() =>
		document
			.getAnimations()
			.filter(({ playState }) => playState === "running")
			.map((animation) => (animation instanceof CSSAnimation ? animation.animationName : animation.id || "a transition")),
	);
}

/** What can be pressed and is smaller than `least` CSS px. Links in running text and what only screen readers see are excepted. */
export function smallTargets(page: Page, least: number): Promise<string[]> {
	return page.evaluate((px) => {
		const targets = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=separator][tabindex]";
		return [...document.querySelectorAll<HTMLElement>(targets)].flatMap((element) => {
			// A box to tick is pressed by its label.
			const pressed = element.matches("input[type=radio], input[type=checkbox]") ? (element.closest("label") ?? element) : element;
			if (!pressed.checkVisibility({ visibilityProperty: true })) return [];
			const { display, pointerEvents } = getComputedStyle(pressed);
			const { width, height } = pressed.getBoundingClientRect();
			if (display === "inline" || pointerEvents === "none" || (width <= 1 && height <= 1)) return [];
			// Half a pixel is what a browser rounds.
			if (width >= px - 0.5 && height >= px - 0.5) return [];
			const name = element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40);
			return [`${element.tagName.toLowerCase()} "${name}": ${Math.round(width)}×${Math.round(height)}`];
		});
	}, least);
}

/** How far a page can be scrolled sideways, px. */
export function sideways(page: Page): Promise<number> {
	return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
