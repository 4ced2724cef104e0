import { CopyField } from "../../ui/CopyField.tsx";
import { InfoIcon, RingTickIcon, StopIcon } from "../../ui/icons.tsx";
import type { Outcome } from "./outcome.ts";

/** What was just done, or why it was not; a secret that was made stands here, this once. */
export function Told({ outcome }: { outcome: Outcome | null }) {
	if (outcome === null) return null;
	if (!outcome.ok) {
		return (
			<p role="alert" className="flex items-start gap-1.5 text-body text-bad">
				<StopIcon className="mt-0.5 size-4 shrink-0" />
				<span>
					{outcome.told}
					{outcome.requestId !== "" && <code className="font-mono text-sec text-t3"> req {outcome.requestId}</code>}
				</span>
			</p>
		);
	}
	return (
		<div className="flex flex-col gap-2 rounded-ctl border border-line2 bg-s2 p-3">
			<p role="status" className="flex items-start gap-1.5 text-body">
				<RingTickIcon className="mt-0.5 size-4 shrink-0 text-ok" />
				{outcome.told}
			</p>
			{outcome.secret && <CopyField key={outcome.secret.value} label={outcome.secret.label} value={outcome.secret.value} secret />}
		</div>
	);
}

/** Why controls are disabled, once for all of them; they point here with aria-describedby. */
export function WhyNot({ id, refusal }: { id: string; refusal: string | null }) {
	if (refusal === null) return null;
	return (
		<p id={id} className="flex items-start gap-1.5 text-body text-t2">
			<InfoIcon className="mt-0.5 size-4 shrink-0" />
			{refusal}
		</p>
	);
}
