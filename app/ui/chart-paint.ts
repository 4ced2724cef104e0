import type { ChartTone } from "./chart-model.ts";

/** The colours of a chart as a canvas needs them: resolved for the theme that is on now. */
export type ChartPaint = {
	text: string;
	grid: string;
	ground: string;
	fills: Record<ChartTone, string>;
	strokes: Record<ChartTone, string>;
	band: string;
};

/** Read the tokens. A canvas knows no variables, and `light-dark()` is only resolved on an element's own property. */
export function readPaint(box: HTMLElement): ChartPaint {
	const probe = box.appendChild(document.createElement("i"));
	const color = (token: string) => {
		probe.style.color = `var(--${token})`;
		return getComputedStyle(probe).color;
	};
	const paint: ChartPaint = {
		text: color("t3"),
		grid: color("line"),
		ground: color("s1"),
		fills: { ok: color("ok-fill"), bad: color("bad-fill"), accent: color("acc-fill"), quiet: color("idle-fill") },
		strokes: { ok: color("ok"), bad: color("bad"), accent: color("acc"), quiet: color("t3") },
		band: withAlpha(color("acc-fill"), 0.18),
	};
	probe.remove();
	return paint;
}

function withAlpha(color: string, alpha: number): string {
	return color.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);
}

/** Diagonal stripes over a fill, so that failures are told apart without colour. `ratio` is the canvas' pixels per CSS px. */
export function hatchOf(fill: string, ground: string, ratio: number): CanvasPattern | string {
	const side = Math.round(6 * ratio);
	const tile = document.createElement("canvas");
	tile.width = tile.height = side;
	const brush = tile.getContext("2d");
	if (!brush) return fill;
	brush.fillStyle = fill;
	brush.fillRect(0, 0, side, side);
	brush.strokeStyle = ground;
	brush.globalAlpha = 0.45;
	brush.lineWidth = 1.5 * ratio;
	brush.beginPath();
	// Twice beyond the corners, so that the stripes of neighbouring tiles meet.
	for (const shift of [-side, 0, side]) {
		brush.moveTo(shift - 1, side + 1);
		brush.lineTo(shift + side + 1, -1);
	}
	brush.stroke();
	return brush.createPattern(tile, "repeat") ?? fill;
}

/** Hear when the theme changes, by the person's choice or by the system's. @returns how to stop */
export function onThemeChange(call: () => void): () => void {
	const queries = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"].map((query) => matchMedia(query));
	const observer = new MutationObserver(call);
	observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
	for (const query of queries) query.addEventListener("change", call);
	return () => {
		observer.disconnect();
		for (const query of queries) query.removeEventListener("change", call);
	};
}
