import { DashedRingIcon, RingTickIcon, StopIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";

const LOOKS = {
	quiet: { Icon: RingTickIcon, color: "text-ok" },
	failing: { Icon: StopIcon, color: "text-bad" },
	unknown: { Icon: DashedRingIcon, color: "text-idle" },
} as const;

/** The page's first sentence. Cut off from news it keeps its words and loses its happy colour. */
export function Verdict({ sentence, tone, staleFor }: { sentence: string; tone: keyof typeof LOOKS; staleFor: string | null }) {
	const { Icon, color } = LOOKS[staleFor === null ? tone : "unknown"];
	return (
		<p id="verdict" tabIndex={-1} className="flex min-h-9 flex-wrap items-center gap-x-2.5 gap-y-1 text-verdict font-[650] outline-none">
			<Icon className={`size-5 ${color}`} />
			<span className="min-w-0">{sentence}</span>
			{staleFor !== null && <StaleBadge age={staleFor} />}
		</p>
	);
}
