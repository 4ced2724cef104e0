import { Form, useNavigation } from "@remix-run/react";
import type { DeadDelivery, IntegrationReport } from "#worker/domains/integrations/model";
import { plural } from "../../format/number.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { RerunIcon, RingTickIcon, StopIcon } from "../../ui/icons.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { useRefusal } from "../shell/use-refusal.ts";
import type { ActOutcome } from "./acts.ts";
import { senderOf } from "./words.ts";

type DeadListProps = {
	dead: readonly DeadDelivery[];
	/** Whether there are more than are listed. */
	hasMore: boolean;
	integrations: readonly IntegrationReport[];
	refusal: string | null;
	/** Id of the sentence that says why the buttons are disabled. */
	whyId: string;
	outcome: ActOutcome | null;
};

/** Deliveries that were taken and could not be applied, and another try for each. Stays while it has a result to tell. */
export function DeadList({ dead, hasMore, integrations, refusal, whyId, outcome }: DeadListProps) {
	const offline = useRefusal(null);
	if (dead.length === 0 && outcome === null) return null;
	const replayable = dead.filter(({ canReplay }) => canReplay);
	return (
		<Card
			title="Not applied"
			note={`${plural(dead.length, "delivery", "deliveries")}${hasMore ? " and more" : ""}`}
			aside={
				replayable.length > 1 && (
					<ReplayForm deliveries={replayable} words={`Replay all ${replayable.length}`} refusal={refusal} whyId={whyId} what="all" />
				)
			}
		>
			<div className="px-3.5 pb-3.5">
				<p className="text-body text-t2">
					These were well signed and taken, but something in them could not be stored. Their bodies are kept for 14 days.
					{refusal === null && offline !== null && <span id={whyId}> {offline}</span>}
				</p>
				{outcome && (
					<p role="status" className="mt-2 flex items-start gap-1.5 text-body">
						{outcome.ok ? <RingTickIcon className="mt-0.5 size-4 text-ok" /> : <StopIcon className="mt-0.5 size-4 text-bad" />}
						{outcome.told}
					</p>
				)}
				<ul className="mt-2 divide-y divide-line border-t border-line">
					{dead.map((delivery) => (
						<li key={`${delivery.source} ${delivery.deliveryId}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
							<div className="min-w-0 flex-1 basis-56">
								<p className="truncate text-body font-medium">
									{delivery.event}
									<span className="font-normal text-t3">
										{" "}
										to {integrations.find(({ id }) => id === delivery.integrationId)?.name ?? senderOf(delivery.source)},{" "}
										<TimeText at={delivery.receivedAt} />
									</span>
								</p>
								<p className="text-sec break-words text-t2">{delivery.reason ?? "No reason is known."}</p>
								<p className="truncate font-mono text-sec text-t3" title={delivery.deliveryId}>
									{delivery.deliveryId}
								</p>
							</div>
							{delivery.canReplay ? (
								<ReplayForm deliveries={[delivery]} words="Replay" refusal={refusal} whyId={whyId} what={delivery.deliveryId} />
							) : (
								<p className="text-sec text-t3">Its body is no longer kept: send it again from {senderOf(delivery.source)}.</p>
							)}
						</li>
					))}
				</ul>
			</div>
		</Card>
	);
}

type ReplayProps = { deliveries: readonly DeadDelivery[]; words: string; refusal: string | null; whyId: string; what: string };

function ReplayForm({ deliveries, words, refusal: ofRole, whyId, what }: ReplayProps) {
	const refusal = useRefusal(ofRole);
	const navigation = useNavigation();
	const isBusy = navigation.state !== "idle" && navigation.formData?.get("what") === what;
	return (
		<Form method="post" preventScrollReset>
			<input type="hidden" name="act" value="replay" />
			<input type="hidden" name="what" value={what} />
			{deliveries.map(({ source, deliveryId }) => (
				<input key={`${source} ${deliveryId}`} type="hidden" name="delivery" value={JSON.stringify([source, deliveryId])} />
			))}
			<Button
				type="submit"
				size="sm"
				busy={isBusy}
				disabled={refusal !== null}
				aria-describedby={refusal === null ? undefined : whyId}
				aria-label={words === "Replay" ? `Replay ${what}` : words}
			>
				<RerunIcon className="size-3.5" />
				{words}
			</Button>
		</Form>
	);
}
