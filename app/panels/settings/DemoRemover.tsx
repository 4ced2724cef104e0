import { useFetcher } from "@remix-run/react";
import { useEffect, useId, useSyncExternalStore } from "react";
import { formatCount } from "../../format/number.ts";
import { Button } from "../../ui/Button.tsx";
import { StopIcon } from "../../ui/icons.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useRefusal } from "../shell/use-refusal.ts";
import { currentRemoval, onRemoval, type Removal, removeDemo, takeDone } from "./demo-removal.ts";

const IDLE: Removal = { phase: "idle" };

/** One press takes the demo out: in steps with their progress where scripts run, as a plain form where they do not. */
export function DemoRemover({ team, refusal: ofRole }: { team: string; refusal: string | null }) {
	const refusal = useRefusal(ofRole);
	const removal = useSyncExternalStore(onRemoval, currentRemoval, () => IDLE);
	const after = useFetcher();
	const toast = useToast();
	const why = useId();
	const action = `/t/${team}/settings/demo`;
	const isDone = removal.phase === "done";
	useEffect(() => {
		if (!isDone || !takeDone()) return;
		// Sent once more with nothing left, so that the frame and the page learn of it like of any other form.
		after.submit({ stay: "here" }, { method: "post", action });
		toast({ text: "The demo data is removed. What is left is your own." });
	}, [isDone, after, toast, action]);
	const isBusy = removal.phase === "removing";
	return (
		<form
			method="post"
			action={action}
			onSubmit={(event) => {
				event.preventDefault();
				void removeDemo(team);
			}}
			className="flex flex-col gap-2"
		>
			{isBusy ? (
				<>
					<p role="status" className="text-sec text-t1">
						{removal.total === null ? "Removing…" : `Removing… ${formatCount(removal.removed)} of ${formatCount(removal.total)} runs`}
					</p>
					<Meter share={removal.total ? removal.removed / removal.total : 0} tone="acc" label="Demo runs removed" />
				</>
			) : (
				<Button
					type="submit"
					size="sm"
					disabled={refusal !== null}
					aria-describedby={refusal === null ? undefined : why}
					className="self-start"
				>
					Remove demo data
				</Button>
			)}
			{removal.phase === "failed" && (
				<p role="alert" className="flex items-start gap-1.5 text-sec text-t1">
					<StopIcon className="mt-0.5 size-3.5 text-bad" />
					{removal.told}
				</p>
			)}
			{refusal !== null && (
				<p id={why} className="text-sec text-t3">
					{refusal}
				</p>
			)}
		</form>
	);
}
