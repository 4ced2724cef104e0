import type { MetaFunction } from "@remix-run/cloudflare";
import { useLoaderData } from "@remix-run/react";
import type { TeamSummary } from "#worker/domains/teams/model";
import { readTeamsOverview } from "#worker/domains/teams/overview.server";
import { ownPage } from "../access.server.ts";
import { formatCount, formatPercent, plural } from "../format/number.ts";
import { SignOut } from "../panels/shell/Person.tsx";
import { roleWord } from "../panels/shell/SideNav.tsx";
import { Card } from "../ui/Card.tsx";
import { Empty } from "../ui/Empty.tsx";
import { ChevronRightIcon, DashedRingIcon, MarkIcon, RingTickIcon, StopIcon } from "../ui/icons.tsx";
import { Badge } from "../ui/Status.tsx";
import { TimeText } from "../ui/TimeText.tsx";

export const meta: MetaFunction = () => [{ title: "All teams · OpsSight" }];

/** How each of one's teams stands, worst first. */
export const loader = ownPage(async ({ context: { db, now }, person }) => ({ teams: await readTeamsOverview(db, person, now) }));

/** Which of my teams needs me? */
export default function Teams() {
	const { teams } = useLoaderData<typeof loader>();
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-4xl px-4 py-8 outline-none">
			<div className="mb-4 flex flex-wrap items-center gap-2.5">
				<MarkIcon className="size-7" />
				<div className="min-w-0 flex-1">
					<h1 className="text-verdict font-semibold">All teams</h1>
					<p className="text-body text-t2">The last 24 hours, worst first.</p>
				</div>
				<div className="shrink-0">
					<SignOut />
				</div>
			</div>
			<Card title="Your teams" note={`${teams.length}`}>
				{teams.length === 0 ? (
					<Empty title="You are in no team yet">
						<p>Ask an admin to invite you, then reload this page.</p>
					</Empty>
				) : (
					<ul className="divide-y divide-line border-t border-line">
						{teams.map((team) => (
							<TeamRow key={team.id} team={team} />
						))}
					</ul>
				)}
			</Card>
		</main>
	);
}

/** A team: whether it needs somebody, as a shape and a word, and the figures that say so. */
function TeamRow({ team: { slug, name, role, runs, failure, successRate, lastEventAt } }: { team: TeamSummary }) {
	return (
		<li>
			<a
				href={`/t/${slug}/overview`}
				className="target grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-3.5 py-3 hover:bg-s2 sm:grid-cols-[minmax(0,1fr)_7.5rem_9.5rem_8rem_1rem]"
			>
				<span className="min-w-0">
					<span className="block truncate text-body font-medium">{name}</span>
					<span className="block text-sec text-t3">{roleWord(role)}</span>
				</span>
				<span className="flex max-sm:justify-end">
					{successRate === null ? (
						<Badge word={runs === 0 ? "No runs" : "None finished"} tint="bg-idle-bg text-idle" Icon={DashedRingIcon} />
					) : failure > 0 ? (
						<Badge word={`${formatCount(failure)} failed`} tint="bg-bad-bg text-bad" Icon={StopIcon} />
					) : (
						<Badge word="All passed" tint="bg-ok-bg text-ok" Icon={RingTickIcon} />
					)}
				</span>
				<span className="text-sec text-t2">
					<span className="block text-body text-t1">{successRate === null ? "—" : `${formatPercent(successRate)} succeeded`}</span>
					of {plural(runs, "run")}
				</span>
				<span className="text-sec text-t3 max-sm:text-right">
					{lastEventAt === null ? (
						"No event yet"
					) : (
						<>
							Last event <TimeText at={lastEventAt} as="ago" /> ago
						</>
					)}
				</span>
				<ChevronRightIcon className="size-4 text-t3 max-sm:hidden" />
			</a>
		</li>
	);
}
