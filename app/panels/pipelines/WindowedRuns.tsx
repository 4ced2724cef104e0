import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import type { RunRow } from "#worker/wire/live";
import type { Sort } from "../../format/view.ts";
import { RunsTable } from "../runs/RunsTable.tsx";

const OVERSCAN = 20;
/** Until a row has been measured. */
const ROW_PX = 39;

/** A long list of which only the rows in and around the window exist; the room of the others is kept free. */
export default function WindowedRuns({ runs, sort }: { runs: RunRow[]; sort: Sort }) {
	const list = useRef<HTMLDivElement>(null);
	const [{ rowPx, top }, setMeasures] = useState({ rowPx: ROW_PX, top: 0 });
	const virtual = useWindowVirtualizer({ count: runs.length, estimateSize: () => rowPx, overscan: OVERSCAN, scrollMargin: top });

	useLayoutEffect(() => {
		const measure = () => {
			const element = list.current;
			const row = element?.querySelector("[data-row]");
			if (!element || !row) return;
			// All rows of a width are alike: two lines on phones, one elsewhere.
			const next = { rowPx: row.getBoundingClientRect().height, top: element.getBoundingClientRect().top + window.scrollY };
			setMeasures((now) => (now.rowPx === next.rowPx && now.top === next.top ? now : next));
		};
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(document.body);
		return () => observer.disconnect();
	}, []);
	useLayoutEffect(() => virtual.measure(), [virtual, rowPx]);

	const items = virtual.getVirtualItems();
	const from = items[0]?.index ?? 0;
	const to = (items.at(-1)?.index ?? Math.min(runs.length, 60) - 1) + 1;
	useLayoutEffect(() => {
		// Set from script: rendered as an attribute they would break the content security policy.
		list.current?.style.setProperty("padding-top", `${from * rowPx}px`);
		list.current?.style.setProperty("padding-bottom", `${(runs.length - to) * rowPx}px`);
	}, [from, to, rowPx, runs.length]);
	return (
		<div ref={list}>
			<RunsTable runs={runs.slice(from, to)} sort={sort} isHeadSticky part={{ of: runs.length, before: from }} />
		</div>
	);
}
