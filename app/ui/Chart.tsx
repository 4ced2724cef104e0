import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import { timeTicks } from "../format/chart-time.ts";
import { ChartSvg } from "./ChartSvg.tsx";
import type { ChartCanvas, ChartEvents } from "./chart-canvas.ts";
import { type ChartModel, extentOf } from "./chart-model.ts";
import { useZone } from "./clock.tsx";

/** A page that has been up this long has everything it needs first. */
const SETTLED_MS = 3000;
const WANTING = ["pointerenter", "touchstart", "focusin"] as const;

let canvasCode: Promise<typeof import("./chart-canvas.ts")> | undefined;

/** One import for all charts: a second one would not wait for the styles that the first is still loading. */
async function loadCanvas() {
	canvasCode ??= import("./chart-canvas.ts");
	try {
		return await canvasCode;
	} catch (error) {
		canvasCode = undefined;
		throw error;
	}
}

type Props = ChartEvents & {
	model: ChartModel;
	hidden: ReadonlySet<string>;
	/** What the chart says, in a sentence. */
	label: string;
	/** Charts with the same key share the crosshair. */
	syncKey: string;
	/** Its fixed height, as a class. */
	className: string;
	/** Arrow keys moved the crosshair here: for announcing it. */
	onAnnounce: (index: number) => void;
};

/**
 * A chart over time. The server draws it as SVG; where it is wanted, uPlot takes over in the same place.
 * In print, without scripts and where the code for it does not arrive the SVG remains.
 */
export const Chart = memo(function Chart({ model, hidden, label, syncKey, className, onAnnounce, ...events }: Props) {
	const zone = useZone();
	const xTicks = useMemo(() => timeTicks(extentOf(model), zone), [model, zone]);
	const drawing = useMemo(() => ({ model, hidden, xTicks }), [model, hidden, xTicks]);
	const box = useRef<HTMLDivElement>(null);
	const canvas = useRef<ChartCanvas | null>(null);
	const pointed = useRef<number | null>(null);
	const [isDrawn, setDrawn] = useState(false);

	// The canvas lives longer than one render and reaches the newest of everything through here.
	const newest = useRef({ drawing, events });
	newest.current = { drawing, events };

	useEffect(() => {
		const place = box.current;
		if (!place) return;
		let isGone = false;
		const stopWaiting = whenWanted(place.parentElement ?? place, async () => {
			const { mountChart } = await loadCanvas();
			if (isGone) return;
			const mounted = await mountChart(place, {
				drawing: newest.current.drawing,
				syncKey,
				events: {
					onCursor: (at) => {
						pointed.current = at?.index ?? null;
						newest.current.events.onCursor(at);
					},
					onZoom: (stretch) => newest.current.events.onZoom(stretch),
					onPick: (...pick) => newest.current.events.onPick(...pick),
					onReset: () => newest.current.events.onReset(),
				},
			});
			if (isGone) return mounted.destroy();
			mounted.update(newest.current.drawing);
			canvas.current = mounted;
			setDrawn(true);
		});
		return () => {
			isGone = true;
			stopWaiting();
			canvas.current?.destroy();
			canvas.current = null;
			setDrawn(false);
		};
	}, [syncKey]);

	useEffect(() => canvas.current?.update(drawing), [drawing]);

	function onKeyDown(event: KeyboardEvent): void {
		const last = model.starts.length - 1;
		const at = pointed.current;
		const target = {
			ArrowLeft: at === null ? last : Math.max(0, at - 1),
			ArrowRight: at === null ? 0 : Math.min(last, at + 1),
			Home: 0,
			End: last,
			Escape: null,
		}[event.key];
		if (event.key === "Enter" && at !== null) events.onPick(at, null);
		// Escape without a crosshair is for whoever is around the chart.
		if (target === undefined || (target === null && at === null)) return;
		event.preventDefault();
		event.stopPropagation();
		canvas.current?.point(target);
		if (target !== null) onAnnounce(target);
	}

	return (
		<div
			role="img"
			aria-label={label}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its crosshair
			tabIndex={0}
			onKeyDown={onKeyDown}
			onBlur={() => canvas.current?.point(null)}
			data-chart={isDrawn ? "canvas" : "svg"}
			className={`relative rounded-badge ${className}`}
		>
			{/* The insets of chart-model.ts: the canvas puts its plot into the same place. */}
			<div className={`absolute top-2 right-2 bottom-6 left-11 ${isDrawn ? "hidden print:block" : ""}`}>
				<ChartSvg {...drawing} />
			</div>
			<div ref={box} className="absolute inset-0 print:hidden" />
		</div>
	);
});

/**
 * Call once when an element is wanted: someone points at it, touches or focuses it, or it is near the window and the page has
 * long been ready. The server's drawing says the same until then, so this code never stands in the way of the first load.
 * @returns how to stop
 */
function whenWanted(element: HTMLElement, call: () => Promise<void>): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const begin = () => {
		stop();
		// Where the code does not arrive, the drawing of the server stays.
		void call().catch(() => {});
	};
	const observer = new IntersectionObserver(
		([entry]) => {
			clearTimeout(timer);
			if (entry?.isIntersecting) timer = setTimeout(begin, SETTLED_MS);
		},
		{ rootMargin: "200px" },
	);
	const stop = () => {
		observer.disconnect();
		clearTimeout(timer);
		for (const event of WANTING) element.removeEventListener(event, begin);
	};
	observer.observe(element);
	for (const event of WANTING) element.addEventListener(event, begin, { passive: true });
	return stop;
}
