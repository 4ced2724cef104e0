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
		<div className="flex min-h-9 items-start gap-2.5 py-1.5">
			<Icon className={`size-5 max-sm:mt-1 ${color}`} />
			<p className="min-w-0 text-verdict font-[650]">{sentence}</p>
			{staleFor !== null && <StaleBadge age={staleFor} />}
		</div>
	);
}
