import { useState } from "react";
import type { RunStatus } from "#worker/wire/events";
import { Button } from "../../ui/Button.tsx";
import { ChangingText } from "../../ui/ChangingText.tsx";
import { Difference } from "../../ui/Delta.tsx";
import { Meter, type MeterTone } from "../../ui/Meter.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { Ticks } from "../../ui/Ticks.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { Part, Surface } from "./Part.tsx";

const METERS: MeterTone[] = ["ok", "bad", "warn", "run", "idle", "acc"];
const SPARKS = ["ok", "bad", "neutral", "stale"] as const;
const COURSE = [4, 6, 5, 7, null, null, 9, 8, 11, 10, 14, 13];
const TICKS: RunStatus[] = ["success", "success", "failure", "success", "cancelled", "success", "failure", "failure", "running", "queued"];

/** What is read: figures, their courses and differences, times. */
export function Figures({ now }: { now: number }) {
	const [count, setCount] = useState(1366);
	const ticks = TICKS.map((status, index) => ({ id: String(index), status, orderedAt: now - (TICKS.length - index) * 600_000 }));
	return (
		<>
			<Part name="Meters">
				<Surface>
					{METERS.map((tone, index) => (
						<Meter key={tone} tone={tone} share={index / 5} label={`Share ${index * 20}\u202f%`} />
					))}
					<Meter tone="ok" share={null} label="Share not known" />
				</Surface>
			</Part>
			<Part name="Courses, with a gap">
				<Surface>
					{SPARKS.map((tone) => (
						<div key={tone} className="h-9 w-28">
							<Sparkline points={COURSE} minSpan={2} tone={tone} label={`Runs: rising, ${tone}`} />
						</div>
					))}
				</Surface>
			</Part>
			<Part name="Last runs">
				<Surface>
					<Ticks runs={ticks} />
					<Ticks runs={ticks.map((tick) => ({ ...tick, href: `?tick=${tick.id}` }))} />
				</Surface>
			</Part>
			<Part name="Differences">
				<Surface>
					<p className="text-sec text-t3">
						<Difference delta={{ arrow: "↘", amount: "1.9 pts", sense: "worse", before: "97.9\u202f%" }} />
					</p>
					<p className="text-sec text-t3">
						<Difference delta={{ arrow: "↘", amount: "12\u202fs", sense: "better", before: "1m 04s" }} />
					</p>
					<p className="text-sec text-t3">
						<Difference delta={{ arrow: "→", amount: "0", sense: "neutral", before: "1,366" }} />
					</p>
				</Surface>
			</Part>
			<Part name="A figure that changes">
				<Surface>
					<p className="text-big font-semibold">
						<ChangingText text={count.toLocaleString("en")} />
					</p>
					<Button size="sm" onClick={() => setCount(count + 1)}>
						One more
					</Button>
				</Surface>
			</Part>
			<Part name="Times">
				<Surface>
					<TimeText at={now - 480_000} as="ago" className="text-sec text-t2" />
					<TimeText at={now - 480_000} as="clock" className="text-sec text-t2" />
					<TimeText at={now - 3 * 86_400_000} className="text-sec text-t2" />
					<TimeText at={now - 400 * 86_400_000} className="text-sec text-t2" />
				</Surface>
			</Part>
		</>
	);
}
