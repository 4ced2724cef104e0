import { Form } from "@remix-run/react";
import type { ClusterRow } from "#worker/domains/clusters/report.server";
import { formatAge } from "../../format/time.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { useNow } from "../../ui/clock.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton, SureButton } from "../settings/ActButton.tsx";
import type { Outcome } from "../settings/outcome.ts";
import { Told } from "../settings/Told.tsx";
import { FIELD } from "../shell/fields.ts";
import { installCommand, writeBindings } from "./install.ts";

const AREA =
	"w-full rounded-ctl border border-ctl bg-s1 px-2.5 py-1.5 font-mono text-mono text-t1 max-sm:text-[1rem] disabled:cursor-not-allowed disabled:border-line2 disabled:bg-s2 disabled:text-t3";

/** Name and namespaces of a cluster: to connect one, or to change one. */
export function ClusterForm({ act, cluster, whyId }: { act: "create" | "change"; cluster?: ClusterRow; whyId: string | undefined }) {
	return (
		<Form method="post" preventScrollReset className="flex flex-col gap-3">
			<input type="hidden" name="act" value={act} />
			{cluster && <input type="hidden" name="id" value={cluster.id} />}
			<Labelled words="Name" className="max-w-sm">
				<input
					name="name"
					required
					maxLength={80}
					autoComplete="off"
					defaultValue={cluster?.name}
					placeholder="Such as eks-prod-1"
					disabled={whyId !== undefined}
					aria-describedby={whyId}
					className={FIELD}
				/>
			</Labelled>
			<Labelled words="Which environment each namespace is, a line each; * stands for the others">
				<textarea
					name="bindings"
					rows={Math.max(2, cluster?.bindings.length ?? 2)}
					required
					spellCheck={false}
					defaultValue={cluster ? writeBindings(cluster.bindings) : "* = production"}
					disabled={whyId !== undefined}
					aria-describedby={whyId}
					className={AREA}
				/>
			</Labelled>
			<Button
				type="submit"
				tone={act === "create" ? "primary" : "plain"}
				disabled={whyId !== undefined}
				aria-describedby={whyId}
				className="w-fit"
			>
				{act === "create" ? "Connect cluster" : "Save"}
			</Button>
		</Form>
	);
}

/** A token that was just made, this once, as the commands that install the agent with it. */
export function Install({ origin, outcome, cluster }: { origin: string; outcome: Outcome; cluster: ClusterRow | null }) {
	if (!outcome.ok || outcome.secret === null || !cluster) return <Told outcome={outcome} />;
	const named = cluster.bindings.filter(({ namespace }) => namespace !== "*").map(({ namespace }) => namespace);
	const may = named.length === 0 ? "it only reads: name a namespace to let it roll back there" : `it may roll back in ${named.join(", ")}`;
	return (
		<div className="flex flex-col gap-3">
			<Told outcome={outcome} />
			<CopyField
				label={`Install the agent (${may})`}
				value={installCommand({ origin, cluster: cluster.name, token: outcome.secret.value, bindings: cluster.bindings })}
				secret
			/>
		</div>
	);
}

/** What can be done with a cluster's tokens, and with the cluster. */
export function ClusterActs({ cluster, whyId }: { cluster: ClusterRow; whyId: string | undefined }) {
	const now = useNow();
	const { id, name, tokens } = cluster;
	return (
		<div className="flex flex-col gap-2.5 border-t border-line pt-3">
			<ul aria-label="Agent tokens" className="divide-y divide-line">
				{tokens.map((token) => (
					<li key={token.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
						<p className="min-w-0 flex-1 basis-48 text-sec text-t2">
							Token made <TimeText at={token.createdAt} />
							{token.lastUsedAt === null ? ", never used" : `, used ${formatAge(token.lastUsedAt, now)} ago`}
							{token.expiresAt !== null && (
								<>
									, ends <TimeText at={token.expiresAt} />
								</>
							)}
						</p>
						<SureButton
							act="revoke"
							id={id}
							name={`Revoke a token of ${name}`}
							words="Revoke"
							whyId={whyId}
							consequence={`An agent that uses it is cut off at once. ${token.lastUsedAt === null ? "It was never used." : `It was used ${formatAge(token.lastUsedAt, now)} ago.`} Nothing can be rolled back in ${name} until an agent comes with another one.`}
						>
							<input type="hidden" name="tokenId" value={token.id} />
						</SureButton>
					</li>
				))}
				{tokens.length === 0 && <li className="py-1.5 text-sec text-t3">No token: no agent can connect.</li>}
			</ul>
			<div className="flex flex-wrap items-center gap-2">
				<ActButton act="rotate" id={id} name={`Rotate token of ${name}`} words="Rotate token" whyId={whyId} />
				<SureButton
					act="remove"
					id={id}
					name={`Remove ${name}`}
					words="Remove"
					whyId={whyId}
					consequence={`Its agent is cut off, and its workloads are not shown any more. Deployments and rollbacks that happened stay.`}
				/>
			</div>
			<details className="group/change">
				<summary className="target flex h-8 w-fit items-center text-sec font-medium text-acc hover:underline">
					Rename, or bind its namespaces anew
				</summary>
				<div className="pt-2">
					<ClusterForm key={name + writeBindings(cluster.bindings)} act="change" cluster={cluster} whyId={whyId} />
				</div>
			</details>
		</div>
	);
}
