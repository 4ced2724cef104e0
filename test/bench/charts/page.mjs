import { Chart, Decimation, LinearScale, LineController, LineElement, PointElement } from "chart.js";
import { mountChart } from "../../../app/ui/chart-canvas.ts";

/** The page of G7: the product's chart and a tuned Chart.js, given the same points in boxes of the same size. */

Chart.register(Decimation, LinearScale, LineController, LineElement, PointElement);
const STEP_MS = 60_000;
const WARM_UP = 5;
const START = Date.UTC(2026, 10, 1);

/** A course with gentle waves and noise, another one for each `turn`. */
function valuesOf(count, turn) {
	return Array.from(
		{ length: count },
		(_, n) => 200_000 + 60_000 * Math.sin((n + turn * 31) / 900) + ((n * 7919 + turn * 104_729) % 40_000),
	);
}

function boxOf(name) {
	const box = document.createElement("div");
	box.id = name;
	document.body.append(box);
	return box;
}

async function productChart(count) {
	const box = boxOf("product");
	const starts = Array.from({ length: count }, (_, n) => START + n * STEP_MS);
	const drawing = (turn) => ({
		model: {
			...{ starts, stepMs: STEP_MS, unit: "duration" },
			series: [{ key: "average", word: "Average", kind: "line", tone: "accent", values: valuesOf(count, turn) }],
		},
		hidden: new Set(),
		xTicks: [],
	});
	const none = () => {};
	const end = () => {
		chart.destroy();
		box.remove();
	};
	const events = { onCursor: none, onZoom: none, onPick: none, onReset: none };
	const chart = await mountChart(box, { drawing: drawing(0), syncKey: "bench", events });
	return { prepare: drawing, update: (next) => chart.update(next), end };
}

async function chartJs(count, isDecimated) {
	const box = boxOf("chartjs");
	const points = (turn) => valuesOf(count, turn).map((y, n) => ({ x: START + n * STEP_MS, y }));
	const chart = new Chart(box.appendChild(document.createElement("canvas")), {
		type: "line",
		data: { datasets: [{ data: points(0), borderColor: "#9da2ff", borderWidth: 2, pointRadius: 0 }] },
		// What its documentation says about speed: no animation, no parsing, sorted data, no points, no hover search, few labels.
		options: {
			...{ animation: false, parsing: false, normalized: true, spanGaps: true, maintainAspectRatio: false, events: [] },
			plugins: { decimation: { enabled: isDecimated, algorithm: "min-max" } },
			scales: { x: { type: "linear", ticks: { maxRotation: 0, sampleSize: 5, maxTicksLimit: 7 } }, y: { ticks: { maxTicksLimit: 4 } } },
		},
	});
	const end = () => {
		chart.destroy();
		box.remove();
	};
	const update = (next) => {
		chart.data.datasets[0].data = next;
		chart.update("none");
	};
	return { prepare: points, update, end };
}

const MAKERS = { product: productChart, chartjs: (count) => chartJs(count, false), decimated: (count) => chartJs(count, true) };

/** Milliseconds of each of `rounds` updates with new points: the script's work, which is what keeps a page from answering. */
window.measureUpdates = async (name, count, rounds) => {
	const chart = await MAKERS[name](count);
	const times = [];
	for (let turn = 1; turn <= rounds + WARM_UP; turn++) {
		const next = chart.prepare(turn);
		await new Promise(requestAnimationFrame);
		const began = performance.now();
		chart.update(next);
		// uPlot draws in the microtask after.
		await Promise.resolve();
		if (turn > WARM_UP) times.push(performance.now() - began);
	}
	chart.end();
	return times;
};

/** Milliseconds of each of `rounds` frames that brings new points: script, style, layout and paint, up to the task after them. */
window.measureFrames = async (name, count, rounds) => {
	const chart = await MAKERS[name](count);
	const times = [];
	for (let turn = 1; turn <= rounds + WARM_UP; turn++) {
		const next = chart.prepare(turn);
		await new Promise(requestAnimationFrame);
		const began = performance.now();
		chart.update(next);
		await new Promise((done) => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = done;
			port2.postMessage(null);
		});
		if (turn > WARM_UP) times.push(performance.now() - began);
	}
	chart.end();
	return times;
};
