import type { TokenReport } from "#worker/domains/auth/model";
import { useNow } from "../../ui/clock.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton, SureButton } from "./ActButton.tsx";
import { revocationOf } from "./consequences.ts";

/** One token: what it may, until when, when it was used last. Never what it is. */
export function TokenRow({
	token: { id, kind, name, scopes, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt },
}: {
	token: TokenReport;
}) {
	const now = useNow();
	const isOver = revokedAt !== null || (expiresAt !== null && expiresAt <= now);
	return (
		<li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2.5">
			<div className="min-w-0 flex-1 basis-56">
				<p className="text-body font-medium break-words">
					{name} <span className="font-normal text-t3">{scopes.join(", ")}</span>
				</p>
				<p className="text-sec text-t3">
					made <TimeText at={createdAt} />
					{kind === "machine" && createdBy !== null && ` by ${createdBy}`}
					{lastUsedAt === null ? ", never used" : ", used "}
					{lastUsedAt !== null && <TimeText at={lastUsedAt} as="ago" />}
					{lastUsedAt !== null && " ago"}
					{", "}
					{revokedAt !== null ? "revoked " : expiresAt === null ? "never expires" : isOver ? "expired " : "expires "}
					{revokedAt !== null ? <TimeText at={revokedAt} /> : expiresAt !== null && <TimeText at={expiresAt} />}
				</p>
			</div>
			{!isOver && (
				<div className="flex flex-wrap items-start gap-2">
					<ActButton act="rotate" id={id} name={`Rotate ${name}`} words="Rotate">
						<input type="hidden" name="kind" value={kind} />
					</ActButton>
					<SureButton act="revoke" id={id} name={`Revoke ${name}`} words="Revoke" consequence={revocationOf({ lastUsedAt, scopes }, now)}>
						<input type="hidden" name="kind" value={kind} />
					</SureButton>
				</div>
			)}
		</li>
	);
}
