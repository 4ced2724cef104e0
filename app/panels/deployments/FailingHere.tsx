import type { EnvironmentState } from "#worker/wire/deployments";
import { formatAge } from "../../format/time.ts";
import { useNow } from "../../ui/clock.tsx";
import { DashedRingIcon, StopIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { RollBackButton } from "../rollback/RollBackButton.tsx";
import type { Refusal } from "./EnvironmentCard.tsx";

/** The worst that fails now: production before the others; null where nothing does. */
export function failingHere(environments: readonly EnvironmentState[]) {
	const all = environments.flatMap((environment) =>
		environment.components.filter(({ health }) => health === "failing").map((component) => ({ environment, component })),
	);
	return all.find(({ environment }) => environment.settings.isProduction) ?? all[0] ?? null;
}

type Props = { failing: NonNullable<ReturnType<typeof failingHere>>; refusal: Refusal; staleFor: string | null };

/** Something is failing where it runs: what, since when, what caused it, and the way back. */
export function FailingHere({ failing: { environment, component }, refusal, staleFor }: Props) {
	const now = useNow();
	const isFresh = staleFor === null;
	const cause = component.latest?.status === "failure" ? `Likely cause: deploy ${component.latest.version}.` : null;
	return (
		<div
			data-environment={environment.id}
			className={`my-1 flex flex-wrap items-center gap-x-3.5 gap-y-2.5 rounded-card border px-3.5 py-3 ${isFresh ? "border-bad-fill bg-bad-bg" : "border-line2 bg-idle-bg"}`}
		>
			{isFresh ? <StopIcon className="size-5 text-bad" /> : <DashedRingIcon className="size-5 text-idle" />}
			<div className="min-w-0 flex-1 basis-64">
				<p className="text-body text-t2 max-sm:text-verdict">
					<strong className="font-semibold break-words text-t1">
						{component.component} is failing in {environment.name}
					</strong>
					{component.since !== null && ` for ${formatAge(component.since, now)}`}
				</p>
				<p className="text-sec break-words text-t2">
					{component.sentence}
					{cause !== null && !component.sentence.includes(component.latest?.version ?? "") && ` ${cause}`}
				</p>
				{refusal !== null && (
					<p id={refusal.id} className="text-sec text-t2">
						{refusal.why}
					</p>
				)}
			</div>
			{staleFor !== null && <StaleBadge age={staleFor} />}
			<RollBackButton
				asked={{ environmentId: environment.id, component: component.component }}
				name={`${component.component} in ${environment.name}`}
				isUrgent={isFresh}
				size="md"
				refusal={refusal}
				className="max-sm:h-12 max-sm:w-full"
			/>
		</div>
	);
}
