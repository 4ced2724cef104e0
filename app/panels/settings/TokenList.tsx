import { Form } from "@remix-run/react";
import type { Scope, TokenReport } from "#worker/domains/auth/model";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { FIELD } from "../shell/fields.ts";
import type { Outcome } from "./outcome.ts";
import { TokenRow } from "./TokenRow.tsx";
import { Told, WhyNot } from "./Told.tsx";

const ABOUT = {
	personal: "They may no more than you, and end when you leave the team.",
	machine: "They belong to nobody: for CI systems and monitoring.",
};
const MEANS: Record<Scope, string> = {
	read: "read what a viewer sees",
	ingest: "send events",
	metrics: "scrape /metrics",
	act: "act on runs",
	admin: "change settings",
};

type TokenListProps = {
	title: string;
	kind: "personal" | "machine";
	tokens: readonly TokenReport[];
	/** What may be given to a new one. */
	scopes: readonly Scope[];
	refusal: string | null;
	outcome: Outcome | null;
};

/** Tokens of one kind, and the form that makes another. */
export function TokenList({ title, kind, tokens, scopes, refusal, outcome }: TokenListProps) {
	const whyId = refusal === null ? undefined : `why-not-${kind}`;
	return (
		<Card title={title} {...(refusal === null && { note: `${tokens.filter(({ revokedAt }) => revokedAt === null).length}` })}>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<p className="text-body text-t2">{ABOUT[kind]}</p>
				<WhyNot id={`why-not-${kind}`} refusal={refusal} />
				<Told outcome={outcome} />
				{tokens.length > 0 && (
					<ul className="divide-y divide-line border-y border-line">
						{tokens.map((token) => (
							<TokenRow key={token.id} token={token} />
						))}
					</ul>
				)}
				<Form method="post" preventScrollReset className="flex flex-col gap-3">
					<input type="hidden" name="act" value="create" />
					<input type="hidden" name="kind" value={kind} />
					<div className="flex flex-wrap items-end gap-3">
						<label className="block min-w-0 basis-56">
							<span className="mb-1 block text-sec font-medium text-t2">Name</span>
							<input
								name="name"
								required
								maxLength={80}
								autoComplete="off"
								placeholder={kind === "machine" ? "Such as Jenkins" : "Such as my laptop"}
								disabled={whyId !== undefined}
								aria-describedby={whyId}
								className={FIELD}
							/>
						</label>
						<label className="block">
							<span className="mb-1 block text-sec font-medium text-t2">Expires in</span>
							<select name="days" defaultValue="90" disabled={whyId !== undefined} aria-describedby={whyId} className={FIELD}>
								<option value="7">7 days</option>
								<option value="30">30 days</option>
								<option value="90">90 days</option>
								<option value="365">365 days</option>
								<option value="never">never</option>
							</select>
						</label>
					</div>
					<fieldset disabled={whyId !== undefined} aria-describedby={whyId}>
						<legend className="mb-1 text-sec font-medium text-t2">May</legend>
						<div className="flex flex-wrap gap-x-4 gap-y-1">
							{scopes.map((scope) => (
								<label key={scope} className="target flex min-h-6 items-center gap-2 text-body">
									<input type="checkbox" name="scope" value={scope} defaultChecked={scope === "read"} className="size-4 accent-acc-fill" />
									<span>
										{scope} <span className="text-t3">({MEANS[scope]})</span>
									</span>
								</label>
							))}
						</div>
					</fieldset>
					<Button type="submit" tone="primary" disabled={whyId !== undefined} aria-describedby={whyId} className="w-fit">
						{kind === "machine" ? "Create machine token" : "Create token"}
					</Button>
				</Form>
			</div>
		</Card>
	);
}
