import { Link, useFetcher, useParams } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { RollbackOffer, RollbackRow } from "#worker/wire/deployments";
import { formatAge } from "../../format/time.ts";
import { useLiveLink } from "../../live/use-live.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { every, useNow } from "../../ui/clock.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Skeleton, SkeletonAfter } from "../../ui/Skeleton.tsx";
import { rollbackPage } from "../deployments/addresses.ts";
import { hasNews } from "../deployments/deployments-page.ts";
import { AskBody, AskFooter } from "./AskView.tsx";
import { changedUnder, newKey, type RollbackAnswer, type RollbackForm } from "./ask.ts";
import { ProgressView } from "./ProgressView.tsx";
import { rollbackAddress } from "./RollBackButton.tsx";
import { type AskedRollback, useRollbackDesk, useRollbackRows } from "./rollback-book.ts";
import { titleOf } from "./rollback-words.ts";
import { isOpen, isUnderWay } from "./under-way.ts";
import { useAsk } from "./use-ask.ts";

/** News come in bursts: the truth is read again at most this often. */
const LOOK_AGAIN_MS = 400;
/** And without news so often. */
const LOOK_ANYWAY_MS = 10_000;

type DialogProps = { asked: AskedRollback; isOpen: boolean; close: () => void };

/**
 * Asks for a rollback, and follows it in place once it is asked for. What it shows is a snapshot: the truth under it is read on, and
 * where it changes the dialog says so and waits to be reviewed (design brief, law 6).
 */
export default function RollbackDialog({ asked, isOpen: isShown, close }: DialogProps) {
	const { team = "-" } = useParams();
	const [to, setTo] = useState(asked.to);
	const address = rollbackAddress(team, {
		environmentId: asked.environmentId,
		component: asked.component,
		...(to !== undefined && { to }),
	});
	const truth = useTruth(address, { environmentId: asked.environmentId, isShown });
	const [shown, setShown] = useState<RollbackForm | null>(null);
	const [key, setKey] = useState(newKey);
	const [followed, setFollowed] = useState<RollbackRow | null>(null);
	const target = useRef<HTMLDivElement>(null);

	// The first answer is the snapshot, and so is the first after another version was chosen.
	const isFresh = truth.answered === address;
	useEffect(() => {
		if (shown === null && isFresh && truth.form) setShown(truth.form);
	}, [shown, isFresh, truth.form]);
	useEffect(() => {
		if (shown?.offer) target.current?.focus({ preventScroll: true });
	}, [shown]);

	const review = (next: string | undefined) => {
		setTo(next);
		setShown(next === to && truth.form ? truth.form : null);
		// Another look is another decision.
		setKey(newKey());
	};
	const row = useRollbackRows().find(({ id }) => id === followed?.id) ?? followed;
	if (row) return <Following row={row} isOpen={isShown} close={close} refusal={shown?.refusal ?? null} />;

	const place = shown?.offer?.environment.name;
	const title = place === undefined ? `Roll back ${asked.component}?` : `Roll back ${asked.component} in ${place}?`;
	if (!shown?.offer) {
		const why = shown?.refused ?? truth.failure;
		return (
			<Dialog open={isShown} onOpenChange={close} title={title} wide>
				{why === null ? <Loading /> : <NotOffered why={why} onRetry={truth.read} />}
			</Dialog>
		);
	}
	return (
		<Asking
			// What was typed belongs to the snapshot that was looked at.
			key={key}
			isOpen={isShown}
			close={close}
			title={title}
			form={{ ...shown, offer: shown.offer }}
			truth={isFresh ? (truth.form?.offer ?? null) : null}
			address={address}
			idempotencyKey={key}
			target={target}
			onReview={() => review(to)}
			onChoose={review}
			onFollow={setFollowed}
			read={truth.read}
		/>
	);
}

type AskingProps = {
	isOpen: boolean;
	close: () => void;
	title: string;
	form: RollbackForm & { offer: RollbackOffer };
	truth: RollbackOffer | null;
	address: string;
	idempotencyKey: string;
	target: React.RefObject<HTMLDivElement>;
	onReview: () => void;
	onChoose: (deploymentId: string) => void;
	onFollow: (row: RollbackRow) => void;
	read: () => void;
};

function Asking({
	isOpen: isShown,
	close,
	title,
	form,
	truth,
	address,
	idempotencyKey,
	target,
	onReview,
	onChoose,
	onFollow,
	read,
}: AskingProps) {
	const { offer } = form;
	const desk = useRollbackDesk();
	const send = useFetcher<RollbackAnswer>();
	const now = useNow(1000);
	const active = useRollbackRows().find((row) => row.environmentId === offer.environment.id && isOpen(row));
	const others = active
		? `${active.isAutomatic ? "OpsSight" : active.requestedBy.name} is rolling this back (${formatAge(active.requestedAt, now)} ago).`
		: null;
	const changed = truth === null ? null : changedUnder(offer, truth);
	const ask = useAsk({ form, changed, others });
	const answer = send.data;
	useEffect(() => {
		if (!answer) return;
		if (!answer.ok) return read();
		desk?.book.put([answer.rollback]);
		onFollow(answer.rollback);
	}, [answer, desk, onFollow, read]);
	const isBusy = send.state !== "idle";
	const onSend = () => {
		if (!ask.isReady || isBusy || offer.to === null) return;
		const sent = {
			...{ via: "dialog", key: idempotencyKey, seen: offer.seen, to: offer.to.deploymentId, component: offer.component },
			// Having held it says the same as having typed it.
			...{ reason: ask.reason.trim(), confirm: ask.confirmation === "hold" ? offer.word : ask.typed.trim() },
		};
		send.submit(sent, { method: "post", action: address });
	};
	return (
		<Dialog
			open={isShown}
			onOpenChange={close}
			title={title}
			description={offer.to === null ? "Nothing to go back to." : `Pods go back to ${offer.to.version}: ${offer.to.ran}.`}
			wide
			first={target}
			footer={<AskFooter ask={ask} isBusy={isBusy} close={close} onSend={onSend} />}
		>
			<AskBody
				ask={ask}
				changed={changed}
				onReview={onReview}
				others={others === null || !active ? null : { words: others, onWatch: () => onFollow(active) }}
				refused={answer && !answer.ok ? answer : null}
				target={target}
				onChoose={onChoose}
				onSend={onSend}
			/>
		</Dialog>
	);
}

/** The rollback under way, in the place where it was asked for. */
function Following({
	row,
	isOpen: isShown,
	close,
	refusal,
}: {
	row: RollbackRow;
	isOpen: boolean;
	close: () => void;
	refusal: string | null;
}) {
	const { team = "-" } = useParams();
	return (
		<Dialog
			open={isShown}
			onOpenChange={close}
			title={titleOf(row)}
			description={`${row.from.version} → ${row.to.version}, asked for by ${row.isAutomatic ? "OpsSight" : row.requestedBy.name}`}
			wide
			footer={
				<>
					<p className="min-w-0 flex-1 basis-56 text-sec text-t2">
						{isUnderWay(row) && "It goes on when this is closed; a strip on every page follows it."}
					</p>
					<Link to={rollbackPage(team, row.id)} onClick={close} className={buttonClass()}>
						Open its page
					</Link>
					<Button tone="primary" onClick={close}>
						Close
					</Button>
				</>
			}
		>
			<ProgressView row={row} refusal={refusal} />
		</Dialog>
	);
}

type Truth = { form: RollbackForm | null; answered: string | null; failure: string | null; read: () => void };

/** What the form's page says now: read at once, and again whenever there is news of the environment. */
function useTruth(address: string, { environmentId, isShown }: { environmentId: string; isShown: boolean }): Truth {
	const fetcher = useFetcher<RollbackForm>();
	const link = useLiveLink();
	const { load } = fetcher;
	const [answered, setAnswered] = useState<string | null>(null);
	const asking = useRef<string | null>(null);
	const wasLoading = useRef(false);
	const read = useCallback(() => {
		asking.current = address;
		load(address);
	}, [load, address]);
	useEffect(read, [read]);
	useEffect(() => {
		if (fetcher.state === "loading") wasLoading.current = true;
		else if (wasLoading.current && fetcher.state === "idle") {
			wasLoading.current = false;
			setAnswered(asking.current);
		}
	}, [fetcher.state]);
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const stop = link.hear((message) => {
			if (!hasNews(message, environmentId) || timer !== undefined) return;
			timer = setTimeout(() => {
				timer = undefined;
				read();
			}, LOOK_AGAIN_MS);
		});
		return () => {
			stop();
			clearTimeout(timer);
		};
	}, [link, environmentId, read]);
	// An agent that falls silent says nothing: that it is away has to be asked for.
	useEffect(() => (isShown ? every(LOOK_ANYWAY_MS, read) : undefined), [isShown, read]);
	return { form: fetcher.data ?? null, answered, failure: null, read };
}

/** In the size of what is on its way. */
function Loading() {
	return (
		<div aria-busy="true" className="min-h-96">
			<span className="sr-only">Loading what it changes</span>
			<SkeletonAfter>
				<div className="flex flex-col gap-3.5">
					<div className="grid grid-cols-2 gap-3">
						<Skeleton className="h-26" />
						<Skeleton className="h-26" />
					</div>
					<Skeleton className="h-32" />
					<Skeleton className="h-20" />
				</div>
			</SkeletonAfter>
		</div>
	);
}

function NotOffered({ why, onRetry }: { why: string; onRetry: () => void }) {
	return (
		<div role="alert" className="flex flex-col items-start gap-3 py-4 text-body">
			<p>{why}</p>
			<Button onClick={onRetry}>Try again</Button>
		</div>
	);
}
