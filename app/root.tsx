import interLatin from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import type { LinksFunction } from "@remix-run/cloudflare";
import {
	Links,
	Meta,
	Outlet,
	Scripts,
	ScrollRestoration,
	type ShouldRevalidateFunctionArgs,
	useFetcher,
	useRouteLoaderData,
	useSearchParams,
} from "@remix-run/react";
import type { ReactNode } from "react";
import { publicPage } from "./access.server.ts";
import { isTimeZone } from "./format/time.ts";
import { isPreferenceForm, type Preference, type Preferences, preferenceFrom, preferencesOf, type Theme } from "./preferences.ts";
import { useNonce } from "./server-page.ts";
import { ClockProvider } from "./ui/clock.tsx";
import { ErrorCard, PLAIN_BUTTON, useToldError } from "./ui/ErrorCard.tsx";
import { useStyleNonce } from "./ui/style-nonce.ts";
import { TipLayer } from "./ui/TipLayer.tsx";
import { ToastProvider } from "./ui/Toast.tsx";
import tokens from "./ui/tokens.css?url";

export const links: LinksFunction = () => [
	{ rel: "preload", href: interLatin, as: "font", type: "font/woff2", crossOrigin: "anonymous" },
	{ rel: "stylesheet", href: tokens },
	{ rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
	{ rel: "icon", href: "/favicon.ico", sizes: "32x32" },
];

/** What every page knows: how to look, what time it is, and the id it is logged under. */
export const loader = publicPage("how this browser wants to see things, and nothing else", ({ request, context }) => ({
	...preferencesOf(request.headers.get("Cookie")),
	...{ now: context.now, requestId: context.requestId },
}));

/** Preferences change by their own form only. Asked again with every navigation, a database away would take the whole frame along. */
export function shouldRevalidate({ formAction }: ShouldRevalidateFunctionArgs) {
	return isPreferenceForm(formAction);
}

/** The root's data; absent when even that could not be loaded. */
export function useRootData() {
	return useRouteLoaderData<typeof loader>("root");
}

/** A preference as the cookie has it, or as the person chose it a moment ago. */
export function usePreference<P extends Preference>(name: P): Preferences[P] {
	const chosen = preferenceFrom(name, useFetcher({ key: name }).formData?.get(name));
	const known: Partial<Preferences> = useRootData() ?? {};
	return chosen ?? known[name] ?? preferencesOf(null)[name];
}

/** The theme in force. */
export function useTheme(): Theme {
	return usePreference("theme");
}

/** The zone in force: a link may bring its own, and then it holds for what the link shows. */
function useZoneInForce(): string {
	const chosen = usePreference("zone");
	const asked = useSearchParams()[0].get("tz");
	return asked !== null && isTimeZone(asked) ? asked : chosen;
}

/** The document around every page and every error. */
export function Layout({ children }: { children: ReactNode }) {
	const nonce = useNonce();
	useStyleNonce();
	const theme = useTheme();
	const zone = useZoneInForce();
	const now = useRootData()?.now ?? 0;
	return (
		<html lang="en" data-theme={theme}>
			<head>
				<meta charSet="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
				<meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
				{/* Only the theme's own colour, so that a phone's frame belongs to the page. */}
				{theme !== "light" && (
					<meta name="theme-color" content="#0B0D12" {...(theme === "system" ? { media: "(prefers-color-scheme: dark)" } : {})} />
				)}
				{theme !== "dark" && (
					<meta name="theme-color" content="#F6F7F9" {...(theme === "system" ? { media: "(prefers-color-scheme: light)" } : {})} />
				)}
				<Meta />
				<Links />
			</head>
			<body>
				<a
					href="#main"
					className="sr-only z-50 rounded-ctl bg-acc-fill font-medium text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:px-3 focus:py-2"
				>
					Skip to verdict
				</a>
				<ClockProvider now={now} zone={zone}>
					<ToastProvider>{children}</ToastProvider>
					<TipLayer />
				</ClockProvider>
				<ScrollRestoration nonce={nonce} />
				<Scripts nonce={nonce} />
			</body>
		</html>
	);
}

/** Every page. */
export default function Root() {
	return <Outlet />;
}

/** What is shown where a page does not exist or could not be made. */
export function ErrorBoundary() {
	const told = useToldError(useRootData()?.requestId ?? null);
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-lg px-4 pt-[20vh] outline-none">
			<title>{`${told.title} · OpsSight`}</title>
			<ErrorCard told={told}>
				<a href="/" className={PLAIN_BUTTON}>
					Go to your team
				</a>
			</ErrorCard>
		</main>
	);
}
