import { Button, buttonClass } from "../../ui/Button.tsx";
import { ChevronRightIcon, MarkIcon, StopIcon } from "../../ui/icons.tsx";
import { roleWord } from "./SideNav.tsx";

const ROLES = ["viewer", "member", "manager", "admin"] as const;

type DemoTeam = { slug: string; name: string };

type Ways = {
	next: string;
	/** Whether GitHub is set up here. */
	gitHub: boolean;
	/** Whether nobody is admin yet, so that the setup token makes one. */
	setup: boolean;
	/** Why the last try failed, in words. */
	problem: string | null;
	/** Who is signed in already, while the setup token is asked for. */
	signedInAs: string | null;
	/** The teams to try by role; null where that does not exist. */
	demo: DemoTeam[] | null;
};

/** The one card of the sign-in page: every way in that exists here, the usual one first. */
export function SignInCard({ next, gitHub, setup, problem, signedInAs, demo }: Ways) {
	return (
		<section className="w-full max-w-sm rounded-dialog border border-line bg-s1 p-6">
			<div className="flex items-center gap-2.5">
				<MarkIcon className="size-7" />
				<h1 className="text-verdict font-[650]">{setup ? "Set up OpsSight" : "Sign in to OpsSight"}</h1>
			</div>
			{problem !== null && (
				<p role="alert" className="mt-4 flex gap-2 rounded-ctl border border-bad p-3 text-body text-t1">
					<StopIcon className="mt-0.5 size-4 text-bad" />
					<span>{problem}</span>
				</p>
			)}
			{gitHub && signedInAs === null && (
				<>
					{setup && (
						<p className="mt-4 text-body text-t2">Sign in first, so that it knows you the next time. Then enter the setup token.</p>
					)}
					{/* A link, not a form: `form-action 'self'` also holds for where a form's answer redirects. Not a page: no script may fetch it. */}
					<a
						href={`/sign-in/github?next=${encodeURIComponent(setup ? "/login" : next)}`}
						className={`${buttonClass({ tone: "primary" })} mt-5 w-full`}
					>
						Continue with GitHub
					</a>
					<p className="mt-2 text-sec text-t3">
						OpsSight reads your name and, where needed, which organisations you are in. It keeps no access.
					</p>
				</>
			)}
			{setup && <SetupForm signedInAs={signedInAs} isSecond={gitHub && signedInAs === null} />}
			{!setup && <TokenForm next={next} isFolded={gitHub || demo !== null} />}
			{demo !== null && signedInAs === null && (
				<>
					<p className="mt-5 border-line border-t pt-4 text-body text-t2">
						This is a development instance. Choose whose eyes to look through.
					</p>
					{demo.length === 0 ? <NamedTeamForm next={next} /> : demo.map((team) => <RoleForms key={team.slug} next={next} team={team} />)}
					<p className="mt-4 text-sec text-t3">No password: this way in exists on your own machine only.</p>
				</>
			)}
		</section>
	);
}

const FIELD =
	"mt-1 block h-9 w-full rounded-ctl border border-ctl bg-bg px-2.5 text-body text-t1 pointer-coarse:h-11 pointer-coarse:text-[1rem]";
const LABEL = "mt-3 block text-sec font-medium text-t3";

/** Signing in with an access token; folded away where it is not the usual way. */
function TokenForm({ next, isFolded }: { next: string; isFolded: boolean }) {
	const form = (
		<form method="post" action="/sign-in/token">
			<input type="hidden" name="next" value={next} />
			<label className={LABEL}>
				Access token
				<input name="token" type="password" required autoComplete="off" spellCheck={false} className={FIELD} />
			</label>
			<Button type="submit" tone={isFolded ? "plain" : "primary"} className="mt-3 w-full">
				Sign in with the token
			</Button>
			<p className="mt-2 text-sec text-t3">A token of your own, as made under Settings. The session may no more than the token.</p>
		</form>
	);
	if (!isFolded) return form;
	return (
		<details className="group mt-4">
			<summary className="target flex min-h-6 cursor-pointer items-center gap-1 text-body text-t2 hover:text-t1">
				<ChevronRightIcon className="size-4 group-open:rotate-90" />
				Use an access token instead
			</summary>
			{form}
		</details>
	);
}

/** The first admin and the first team, by the token that only who runs the installation can read. */
function SetupForm({ signedInAs, isSecond }: { signedInAs: string | null; isSecond: boolean }) {
	return (
		<form method="post" action="/sign-in/setup" className={isSecond ? "mt-5 border-line border-t pt-4" : "mt-4"}>
			<p className="text-body text-t2">
				Nobody is admin here yet. The setup token was printed once to the Worker's log, or is the secret SETUP_TOKEN.
			</p>
			<label className={LABEL}>
				Setup token
				<input name="token" type="password" required autoComplete="off" spellCheck={false} className={FIELD} />
			</label>
			<label className={LABEL}>
				Name of the first team
				<input name="team" required maxLength={80} className={FIELD} />
			</label>
			{signedInAs === null ? (
				<label className={LABEL}>
					Your name
					<input name="name" required maxLength={80} autoComplete="name" className={FIELD} />
				</label>
			) : (
				<p className="mt-3 text-sec text-t3">{signedInAs} will be its admin.</p>
			)}
			<Button type="submit" tone={isSecond ? "plain" : "primary"} className="mt-4 w-full">
				Make the team
			</Button>
			{signedInAs === null && (
				<p className="mt-2 text-sec text-t3">
					Nothing but this session will know you as its admin: make yourself an access token before you leave.
				</p>
			)}
		</form>
	);
}

const ROLE_BUTTON = "target h-9 w-full rounded-ctl border border-ctl text-body font-medium hover:border-acc hover:bg-acc-bg hover:text-acc";

/** Four real forms: the Worker answers `POST /dev/sign-in`, with or without scripts. */
function RoleForms({ next, team }: { next: string; team: DemoTeam }) {
	return (
		<section aria-label={team.name} className="mt-4">
			<h2 className="mb-2 text-sec font-medium text-t3">{team.name}</h2>
			<div className="grid grid-cols-2 gap-2">
				{ROLES.map((role) => (
					<form key={role} method="post" action="/dev/sign-in">
						<input type="hidden" name="role" value={role} />
						<input type="hidden" name="team" value={team.slug} />
						<input type="hidden" name="next" value={next} />
						<button type="submit" className={ROLE_BUTTON}>
							{roleWord(role)}
						</button>
					</form>
				))}
			</div>
		</section>
	);
}

/** The same where nobody told this page which teams there are. */
function NamedTeamForm({ next }: { next: string }) {
	return (
		<form method="post" action="/dev/sign-in" className="mt-4">
			<input type="hidden" name="next" value={next} />
			<label className="block text-sec font-medium text-t3">
				Team, as its address has it
				<input
					name="team"
					required
					autoCapitalize="none"
					spellCheck={false}
					className="mt-1 mb-3 block h-9 w-full rounded-ctl border border-ctl bg-bg px-2.5 text-body text-t1 pointer-coarse:h-11 pointer-coarse:text-[1rem]"
				/>
			</label>
			<div className="grid grid-cols-2 gap-2">
				{ROLES.map((role) => (
					<button key={role} type="submit" name="role" value={role} className={ROLE_BUTTON}>
						{roleWord(role)}
					</button>
				))}
			</div>
		</form>
	);
}
