import { json, type MetaFunction } from "@remix-run/cloudflare";
import { Form, Link, useActionData, useLoaderData, useLocation, useNavigation, useSubmit } from "@remix-run/react";
import { useEffect } from "react";
import { toAuditBody } from "#worker/domains/audit/api";
import { verifyChain } from "#worker/domains/audit/chain.server";
import type { Verification } from "#worker/domains/audit/model";
import { readAudit, readAuditChoices } from "#worker/domains/audit/store.server";
import { teamAction, teamPage } from "../../access.server.ts";
import { plural } from "../../format/number.ts";
import { AuditFilterForm } from "../../panels/settings/AuditFilterForm.tsx";
import { AUDIT_COLUMNS, AuditRow } from "../../panels/settings/AuditRow.tsx";
import { exportPath, filterOf, readAuditAsked } from "../../panels/settings/audit-filter.ts";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { unlessPreference } from "../../preferences.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { RingTickIcon, StopIcon } from "../../ui/icons.tsx";

const SHOWN = 50;

/** What a check of the chain came to. */
function verdictOf({ rows, firstBad, next }: Verification): string {
	if (next !== undefined) return `The first ${plural(rows, "entry", "entries")} are as they were written. Checking the rest …`;
	if (firstBad !== null) {
		const before = firstBad.no > 1 ? " Entries before it are as they were written." : "";
		return `Entry ${firstBad.no} breaks the chain: ${firstBad.why}.${before}`;
	}
	if (rows === 0) return "There is no entry yet, and nothing is missing.";
	return rows === 1 ? "The only entry is as it was written." : `All ${plural(rows, "entry", "entries")} are as they were written.`;
}

export const meta: MetaFunction = () => [{ title: "Audit · OpsSight" }];

/** A page of the audit, newest first, and what its filters offer. */
export const loader = teamPage("audit:read", async ({ request, context: { db }, team }) => {
	const asked = readAuditAsked(new URL(request.url).searchParams);
	const [rows, choices] = await Promise.all([
		readAudit(db, team.id, { ...filterOf(asked), before: asked.before ?? undefined, limit: SHOWN + 1 }),
		readAuditChoices(db, team.id),
	]);
	const entries = rows.slice(0, SHOWN).map((row) => {
		const { before, after, ...entry } = toAuditBody(row);
		const text = (value: unknown) => (value === null ? null : JSON.stringify(value));
		return { ...entry, at: row.at, before: text(before), after: text(after) };
	});
	return { entries, next: rows.length > SHOWN ? (entries.at(-1)?.no ?? null) : null, asked, choices, team: team.slug };
});

/** What one step of a check may take; a longer chain is walked in several, each telling how far it came. */
const VERIFY_STEP_MS = 3000;

/** Walks the chain, or the part of it after the entry that is named. */
export const action = teamAction("audit:read", async ({ request, context: { db }, team }) => {
	const after = Number((await request.formData()).get("after") ?? 0);
	return json(await verifyChain(db, team.id, { after: Number.isSafeInteger(after) && after > 0 ? after : 0, budgetMs: VERIFY_STEP_MS }));
});

/** Goes on with a check that is not through: by itself, or by the button where no script runs. */
function VerifyFurther({ after }: { after: number }) {
	const submit = useSubmit();
	useEffect(() => {
		submit({ after }, { method: "post", preventScrollReset: true });
	}, [after, submit]);
	return (
		<noscript>
			<form method="post">
				<input type="hidden" name="after" value={after} />
				<Button type="submit" size="sm">
					Go on
				</Button>
			</form>
		</noscript>
	);
}

export const shouldRevalidate = unlessPreference;

/** Who did what, and can this record be trusted? */
export default function Audit() {
	const { entries, next, asked, choices, team } = useLoaderData<typeof loader>();
	const verified = useActionData<typeof action>() ?? null;
	const navigation = useNavigation();
	const { search } = useLocation();
	const older = new URLSearchParams(search);
	older.set("before", `${next}`);
	return (
		<>
			<SettingsHead
				title="Audit"
				about="Who did what, and who was refused. Each entry is chained to the one before by its hash."
				aside={
					<Form method="post" preventScrollReset>
						<Button type="submit" tone="primary" busy={navigation.formMethod === "POST"}>
							Verify
						</Button>
					</Form>
				}
			/>
			<div className="flex flex-col gap-3.5">
				{verified && (
					<p role="status" className="flex items-start gap-1.5 rounded-ctl border border-line2 bg-s2 p-3 text-body">
						{verified.firstBad === null ? (
							<RingTickIcon className="mt-0.5 size-4 shrink-0 text-ok" />
						) : (
							<StopIcon className="mt-0.5 size-4 shrink-0 text-bad" />
						)}
						<span>
							{verified.next === undefined
								? verdictOf(verified)
								: `The first ${plural(verified.rows, "entry", "entries")} are as they were written. Checking the rest …`}{" "}
							{verified.firstBad !== null && !entries.some(({ no }) => no === verified.firstBad?.no) && (
								<Link to={`?before=${verified.firstBad.no + 1}`} className="hit underline">
									Show it
								</Link>
							)}
						</span>
					</p>
				)}
				{verified?.next !== undefined && <VerifyFurther after={verified.next} />}
				<Card
					title="Entries"
					aside={
						<>
							<a href={exportPath(team, asked, "csv")} download className={buttonClass({ size: "sm" })}>
								Export CSV
							</a>
							<a href={exportPath(team, asked, "json")} download className={buttonClass({ size: "sm" })}>
								Export JSON
							</a>
						</>
					}
				>
					<AuditFilterForm asked={asked} choices={choices} />
					{entries.length === 0 ? (
						<Empty title="Nothing matches">
							<p>Choose another person, act or day.</p>
						</Empty>
					) : (
						<>
							<div aria-hidden="true" className={`border-t border-line px-3.5 py-2 text-sec text-t2 max-md:hidden! ${AUDIT_COLUMNS}`}>
								<span>No</span>
								<span>When</span>
								<span>Who</span>
								<span>What</span>
								<span>To what</span>
								<span className="text-right">Outcome</span>
							</div>
							<ol aria-label="Entries, newest first" className="divide-y divide-line border-t border-line">
								{entries.map((entry) => (
									<AuditRow key={entry.no} entry={entry} isBad={verified?.firstBad?.no === entry.no} />
								))}
							</ol>
						</>
					)}
					{next !== null && (
						<p className="border-t border-line px-3.5 py-2.5">
							<Link to={`?${older}`} className={buttonClass({ size: "sm" })}>
								Older entries
							</Link>
						</p>
					)}
				</Card>
			</div>
		</>
	);
}
