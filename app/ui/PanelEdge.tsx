import { type PointerEvent, type RefObject, useEffect, useState } from "react";

const WIDTH_MIN = 380;
const WIDTH_MAX = 720;
const WIDTH_USUAL = 480;
const STEP = 20;
const MEMORY = "side-panel-width";

/** The panel's left edge: drag it, or use the arrow keys. The width is remembered in this browser. */
export function PanelEdge({ panel }: { panel: RefObject<HTMLElement> }) {
	const [width, setWidth] = useState(WIDTH_USUAL);
	useEffect(() => setWidth(rememberedWidth()), []);
	useEffect(() => panel.current?.style.setProperty("--side-panel-width", `${width}px`), [panel, width]);

	const resize = (next: number) => {
		const kept = clamped(next);
		setWidth(kept);
		remember(kept);
	};
	const onPointerMove = (event: PointerEvent<HTMLElement>) => {
		if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(document.documentElement.clientWidth - event.clientX);
	};
	return (
		// biome-ignore lint/a11y/useSemanticElements: an <hr> is a break in a text, not a handle
		<div
			role="separator"
			aria-orientation="vertical"
			aria-label="Width of the panel"
			aria-valuemin={WIDTH_MIN}
			aria-valuemax={WIDTH_MAX}
			aria-valuenow={width}
			tabIndex={0}
			onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
			onPointerMove={onPointerMove}
			onKeyDown={(event) => {
				const next = { ArrowLeft: width + STEP, ArrowRight: width - STEP, Home: WIDTH_MIN, End: WIDTH_MAX }[event.key];
				if (next === undefined) return;
				event.preventDefault();
				resize(next);
			}}
			className="needs-script absolute inset-y-0 -left-3 hidden w-6 cursor-col-resize touch-none hover:bg-acc-bg min-[900px]:block"
		/>
	);
}

function clamped(width: number): number {
	return Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)));
}

function rememberedWidth(): number {
	try {
		return clamped(Number(localStorage.getItem(MEMORY)) || WIDTH_USUAL);
	} catch {
		// A browser may refuse its storage; then the usual width it is.
		return WIDTH_USUAL;
	}
}

function remember(width: number): void {
	try {
		localStorage.setItem(MEMORY, String(width));
	} catch {
		// Nothing depends on it.
	}
}
