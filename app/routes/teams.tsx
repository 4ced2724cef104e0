import type { MetaFunction } from "@remix-run/cloudflare";
import { useLoaderData } from "@remix-run/react";
import { readTeamsOverview } from "#worker/domains/teams/overview.server";
import { ownPage } from "../access.server.ts";
import { formatCount, formatPercent } from "../format/number.ts";
import { roleWord } from "../panels/shell/SideNav.tsx";
import { Card } from "../ui/Card.tsx";
import { Empty } from "../ui/Empty.tsx";
import { MarkIcon, RingTickIcon, StopIcon } from "../ui/icons.tsx";
import { TimeText } from "../ui/TimeText.tsx";

export const meta: MetaFunction = () => [{ title: "All teams · OpsSight" }];

/** How each of one's teams stands, worst first. */
export const loader = ownPage(async ({ context: { db, now }, person }) => ({ teams: await readTeamsOverview(db, person, now) }));

/** Which of my teams needs me? */
export default function Teams() {
	const { teams } = useLoaderData<typeof loader>();
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-4xl px-4 py-8 outline-none">
			<div className="mb-4 flex items-center gap-2.5">
				<MarkIcon className="size-7" />
				<div>
					<h1 className="text-verdict font-semibold">All teams</h1>
					<p className="text-body text-t2">The last 24 hours, worst first.</p>
				</div>
			</div>
			<Card title="Your teams" note={`${teams.length}`}>
				{teams.length === 0 ? (
					<Empty title="You are in no team yet">
						<p>Ask an admin to invite you, then reload this page.</p>
					</Empty>
				) : (
					<ul className="divide-y divide-line border-t border-line">
						{teams.map(({ id, slug, name, role, runs, failure, successRate, lastEventAt }) => (
							<li key={id}>
								<a href={`/t/${slug}/overview`} className="target flex flex-wrap items-center gap-x-4 gap-y-1 px-3.5 py-2.5 hover:bg-s2">
									<span className="min-w-0 flex-1 basis-44">
										<span className="block truncate text-body font-medium">{name}</span>
										<span className="block text-sec text-t3">{roleWord(role)}</span>
									</span>
									<span className="flex w-40 items-center gap-1.5 text-body">
										{failure > 0 ? <StopIcon className="size-4 text-bad" /> : <RingTickIcon className="size-4 text-ok" />}
										{successRate === null ? "Nothing finished" : `${formatPercent(successRate)} succeeded`}
									</span>
									<span className="w-36 text-body text-t2">
										{formatCount(runs)} runs, {formatCount(failure)} failed
									</span>
									<span className="w-36 text-sec text-t3">
										{lastEventAt === null ? (
											"No event yet"
										) : (
											<>
												Last event <TimeText at={lastEventAt} as="ago" /> ago
											</>
										)}
									</span>
								</a>
							</li>
						))}
					</ul>
				)}
			</Card>
		</main>
	);
}
