import { useEffect, useRef } from "react";
import { useLiveLink, useLiveStatus } from "../../live/use-live.ts";
import { useNow } from "../../ui/clock.tsx";
import { DashedRingIcon, TriangleIcon } from "../../ui/icons.tsx";
import { chipWords } from "./live-words.ts";

/** Whether what is seen is true now. `data-live` and `data-seq` change in the very tick a frame is folded; the words follow. */
export function LiveChip() {
	const link = useLiveLink();
	const status = useLiveStatus();
	const now = useNow(1000);
	const chip = useRef<HTMLSpanElement>(null);

	useEffect(() => {
		// Past React, which would wait for its next commit: the time from webhook to screen is measured here.
		const mark = () => {
			const { phase, seq } = link.status();
			if (!chip.current) return;
			chip.current.dataset.live = phase;
			if (seq !== null) chip.current.dataset.seq = String(seq);
		};
		mark();
		const settling = setTimeout(link.settle, 0);
		const stop = link.subscribe(mark);
		return () => {
			clearTimeout(settling);
			stop();
		};
	}, [link]);

	return (
		<>
			<span
				ref={chip}
				data-live="catchingUp"
				className="needs-script inline-flex h-8 items-center gap-1.5 text-sec whitespace-nowrap text-t2"
			>
				<ChipShape phase={status.isWatched ? status.phase : "none"} />
				<span className={status.phase === "live" ? "min-w-20" : ""}>{chipWords(status, now)}</span>
			</span>
			<span className="without-script h-8 items-center text-sec text-t2">Reload for news</span>
		</>
	);
}

function ChipShape({ phase }: { phase: string }) {
	if (phase === "live") return <span aria-hidden="true" className="size-2 rounded-full bg-ok-fill ring-3 ring-ok-bg" />;
	if (phase === "polling") return <span aria-hidden="true" className="size-2 bg-run-fill" />;
	if (phase === "reconnecting" || phase === "signedOut") return <TriangleIcon className="size-3.5 text-warn" />;
	return <DashedRingIcon className="size-3.5 text-idle" />;
}
