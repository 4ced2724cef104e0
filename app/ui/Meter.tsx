/** What a share means. */
export type MeterTone = "ok" | "bad" | "warn" | "run" | "idle" | "acc";

const TONES: Record<MeterTone, string> = {
	ok: "fill-ok-fill",
	bad: "fill-bad-fill",
	warn: "fill-warn-fill",
	run: "fill-run-fill",
	idle: "fill-idle-fill",
	acc: "fill-acc",
};

/** A share, 0–1, as a thin bar. Unknown is a dashed line, never an empty bar. */
export function Meter({ share, tone, label }: { share: number | null; tone: MeterTone; label: string }) {
	return (
		<svg role="img" aria-label={label} className="block h-1 w-full min-w-8 overflow-hidden rounded-full">
			{share === null ? (
				<line x1="0" y1="2" x2="100%" y2="2" className="stroke-idle-fill" strokeWidth="2" strokeDasharray="4 4" />
			) : (
				<>
					<rect width="100%" height="4" className="fill-line2" />
					<rect width={`${Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10}%`} height="4" className={TONES[tone]} />
				</>
			)}
		</svg>
	);
}
