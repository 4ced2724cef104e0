import { Link, useParams } from "@remix-run/react";
import clsx from "clsx";
import type { ComponentState, EnvironmentState } from "#worker/wire/deployments";
import { formatAge } from "../../format/time.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { useNow } from "../../ui/clock.tsx";
import { TriangleIcon } from "../../ui/icons.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { RollBackButton } from "../rollback/RollBackButton.tsx";
import { ActiveRollback } from "./ActiveRollback.tsx";
import { deployAddress, deploymentAddress, environmentAddress } from "./addresses.ts";
import { HealthBadge } from "./HealthBadge.tsx";
import { healthOfAll, progressOf, silentIn, toldOf, versionOf } from "./health.ts";
import { LockChip } from "./LockChip.tsx";
import { byWords } from "./outcome-words.ts";

/** Components that a card lists; the environment's own page has the others. */
const LISTED = 6;

/** Why this person may not, and the id of the element that says so. */
export type Refusal = { why: string; id: string } | null;

type CardProps = {
	state: EnvironmentState;
	/** Where a version of it goes next; null where nothing comes after. */
	next: string | null;
	refusals: { rollback: Refusal; deploy: Refusal };
	staleFor: string | null;
};

/** An environment: what runs there, how it is doing, whether it is locked, and the way back. */
export function EnvironmentCard({ state, next, refusals, staleFor }: CardProps) {
	const { team = "-" } = useParams();
	const isStale = staleFor !== null;
	const health = healthOfAll(state.components);
	const only = state.components.length === 1 ? state.components[0] : undefined;
	const isBad = health === "failing" && !isStale;
	const silent = isStale ? null : silentIn(state.components);
	return (
		<section
			aria-label={state.name}
			data-environment={state.id}
			className={clsx("flex min-w-0 flex-col rounded-card border bg-s1", isBad ? "border-bad-fill" : "border-line")}
		>
			<header className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-0.5 px-3.5 pt-1.5">
				<h2 className="min-w-0 text-body font-semibold sm:text-[0.875rem]">
					<Link to={environmentAddress(team, state.id)} className="hit max-w-56 rounded-badge hover:underline hover:underline-offset-2">
						<span className="truncate">{state.name}</span>
					</Link>
				</h2>
				<HealthBadge health={health} progress={only ? progressOf(only) : null} isStale={isStale} />
				{silent !== null && <span className="text-sec text-t3">{silent}</span>}
				{staleFor !== null && <StaleBadge age={staleFor} />}
				<span className="ml-auto flex min-w-0">
					<LockChip lock={state.lock} />
				</span>
			</header>
			<div className="flex flex-1 flex-col px-3.5 pb-3.5">
				{state.components.length === 0 && <p className="text-body text-t2">Nothing has been deployed here yet.</p>}
				{only && <Only environment={state} component={only} next={next} refusals={refusals} isStale={isStale} />}
				{!only && state.components.length > 0 && (
					<Several environment={state} components={state.components} refusals={refusals} isStale={isStale} />
				)}
				<ActiveRollback environment={state} />
			</div>
		</section>
	);
}

type OnlyProps = {
	environment: EnvironmentState;
	component: ComponentState;
	next: string | null;
	refusals: CardProps["refusals"];
	isStale: boolean;
};

/** An environment of one component: its version large. */
function Only({ environment, component, next, refusals, isStale }: OnlyProps) {
	const { team = "-" } = useParams();
	const { component: name, current, mismatch, health, sentence } = component;
	const version = versionOf(component);
	const progress = progressOf(component);
	const told = toldOf(component);
	const isBad = health === "failing" && !isStale;
	return (
		<>
			<p className="mt-0.5 text-[1.25rem]/7 font-semibold tracking-[-0.015em] break-all">{version ?? <span className="text-t3">—</span>}</p>
			<p className="text-sec text-t2">
				<span className="font-medium">{name}</span> · <Told component={component} />
			</p>
			{progress !== null ? (
				<Deploying progress={progress} />
			) : (
				health !== "healthy" && (
					<p className={clsx("mt-1 text-sec break-words", isBad ? "text-bad" : "text-t2")}>
						<Since component={component} />
						{sentence}
					</p>
				)
			)}
			{mismatch !== null && <Mismatch words={mismatch} />}
			<div className="mt-auto flex flex-wrap gap-2 pt-3">
				<RollBackButton
					asked={{ environmentId: environment.id, component: name }}
					name={`${name} in ${environment.name}`}
					isUrgent={isBad}
					refusal={refusals.rollback}
					className="max-sm:h-12 max-sm:w-full max-sm:text-body"
				/>
				{next !== null && current !== null && health !== "failing" && (
					<Promote team={team} component={name} version={current.version} environment={next} refusal={refusals.deploy} />
				)}
				{told && (
					<Link to={deploymentAddress(team, told.id)} data-compare className={clsx(buttonClass({ size: "sm" }), "max-sm:flex-1")}>
						Compare
					</Link>
				)}
			</div>
		</>
	);
}

/** An environment of several: a line each, in an order that news do not change. */
function Several({ environment, components, refusals, isStale }: Omit<OnlyProps, "component" | "next"> & { components: ComponentState[] }) {
	const { team = "-" } = useParams();
	const listed = mostTelling(components);
	const more = components.length - listed.length;
	return (
		<>
			<ul className="-mx-3.5 mt-1 divide-y divide-line border-y border-line">
				{listed.map((component) => (
					<li key={component.component} className="px-3.5 py-2">
						<Line environment={environment} component={component} refusal={refusals.rollback} isStale={isStale} />
					</li>
				))}
			</ul>
			<p className="pt-2 text-sec text-t3">
				<Link to={environmentAddress(team, environment.id)} className="hit rounded-badge text-t2 hover:text-t1 hover:underline">
					{more > 0 ? `${more} more ${more === 1 ? "component" : "components"}` : `All of ${environment.name}`}
				</Link>
			</p>
		</>
	);
}

/** Those in trouble before the others where a card has no room for all; within it the order is that of their names. */
function mostTelling(components: ComponentState[]): ComponentState[] {
	if (components.length <= LISTED) return components;
	const rank = ({ health }: ComponentState) => (health === "failing" ? 0 : health === "degraded" ? 1 : health === "deploying" ? 2 : 3);
	const chosen = new Set([...components].sort((a, b) => rank(a) - rank(b)).slice(0, LISTED));
	return components.filter((one) => chosen.has(one));
}

/** A component among others. */
function Line({
	environment,
	component,
	refusal,
	isStale,
}: {
	environment: EnvironmentState;
	component: ComponentState;
	refusal: Refusal;
	isStale: boolean;
}) {
	const { component: name, health, sentence, mismatch } = component;
	const progress = progressOf(component);
	const isBad = health === "failing" && !isStale;
	return (
		<>
			<div className="flex flex-wrap items-center gap-x-2 gap-y-1">
				<span className="min-w-0 font-medium break-words">{name}</span>
				<HealthBadge health={health} progress={progress} isStale={isStale} />
				<span className="ml-auto min-w-0 font-mono text-sec break-all">{versionOf(component) ?? "—"}</span>
			</div>
			<div className="flex items-center gap-2">
				<p className="min-w-0 flex-1 text-sec text-t3">
					<Told component={component} />
				</p>
				<RollBackButton
					asked={{ environmentId: environment.id, component: name }}
					name={`${name} in ${environment.name}`}
					isUrgent={isBad}
					refusal={refusal}
					className="max-sm:h-12"
				/>
			</div>
			{progress !== null ? (
				<Deploying progress={progress} />
			) : (
				health !== "healthy" && <p className={clsx("mt-0.5 text-sec break-words", isBad ? "text-bad" : "text-t2")}>{sentence}</p>
			)}
			{mismatch !== null && <Mismatch words={mismatch} />}
		</>
	);
}

/** Since when, and by whom. */
function Told({ component }: { component: ComponentState }) {
	const now = useNow();
	const { observed } = component;
	const told = toldOf(component);
	if (told)
		return (
			<>{`${formatAge(told.finishedAt ?? told.startedAt, now)} ago${told.actor === null && told.source === "cluster" ? "," : ""} ${byWords(told)}`}</>
		);
	if (observed) return <>{`for ${formatAge(observed.since, now)}, seen in ${observed.cluster}`}</>;
	return <>never deployed with success</>;
}

function Since({ component: { health, since } }: { component: ComponentState }) {
	const now = useNow();
	if (health !== "failing" || since === null) return null;
	return <>{`For ${formatAge(since, now)}: `}</>;
}

function Deploying({ progress: { words, share, version } }: { progress: NonNullable<ReturnType<typeof progressOf>> }) {
	return (
		<div className="mt-2">
			<Meter share={share} tone="run" label={`${version ?? "A new version"}: ${words}`} />
			<p className="mt-1 text-sec text-t2">
				{version !== null && <span className="font-mono">{version}: </span>}
				{words}
			</p>
		</div>
	);
}

/** What was declared is not what runs. */
function Mismatch({ words }: { words: string }) {
	return (
		<p className="mt-1.5 flex items-start gap-1.5 text-sec text-warn">
			<TriangleIcon className="mt-0.5 size-3.5" />
			<span className="min-w-0 break-words">{words}</span>
		</p>
	);
}

type PromoteProps = { team: string; component: string; version: string; environment: string; refusal: Refusal };

/** The deploy form with this version, for the environment that comes next. */
function Promote({ team, component, version, environment, refusal }: PromoteProps) {
	const look = clsx(buttonClass({ size: "sm" }), "max-sm:flex-1");
	if (refusal !== null) {
		return (
			<button type="button" aria-disabled="true" aria-describedby={refusal.id} data-tip={refusal.why} className={look}>
				Promote…
			</button>
		);
	}
	return (
		<Link
			to={deployAddress(team, { component, version, environment })}
			aria-label={`Promote ${version} to ${environment}…`}
			className={look}
		>
			Promote…
		</Link>
	);
}
