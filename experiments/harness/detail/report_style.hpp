// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::experiments::detail {

// Figures stay on a white card in the dark: their colours are chosen for paper.
inline constexpr const char* report_style = R"css(
:root { --text: #1d1d1f; --soft: #5f6368; --page: #fbfbfa; --card: #ffffff; --line: #dcdcd8; --link: #0b57a4;
  --good: #00684a; --shape: #7a5200; --bad: #a8320a; --open: #5f6368; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e6; --soft: #a3a6aa; --page: #17181a; --card: #1f2124; --line: #3a3d41; --link: #8ab8f0;
    --good: #4fd1a5; --shape: #f0c267; --bad: #ff9d7a; --open: #a3a6aa; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 1.2rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.35rem; margin: 2.4rem 0 .6rem; } h3 { font-size: 1.05rem; }
p, figcaption, li { max-width: 75ch; overflow-wrap: anywhere; }
a { color: var(--link); } .soft { color: var(--soft); }
.question { font-size: 1.1rem; font-weight: 600; }
figure { margin: 1.4rem 0; } figcaption { color: var(--soft); font-size: .92rem; margin-top: .5rem; }
.paper { background: #fff; border: 1px solid var(--line); border-radius: 6px; padding: .5rem; overflow-x: auto; }
.paper svg { display: block; width: 100%; height: auto; margin: 0 auto; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .65rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } tbody tr:last-child td { border-bottom: 0; }
.groups td { white-space: nowrap; } .groups small { color: var(--soft); }
.claims td { min-width: 7rem; } .claims td:first-child, .claims td:last-child { min-width: 15rem; }
.verdict { font-weight: 700; white-space: nowrap; }
.holds { color: var(--good); } .holds-in-shape { color: var(--shape); } .does-not-hold { color: var(--bad); }
.not-tested { color: var(--open); }
.warning { border-left: 4px solid var(--bad); padding: .1rem .9rem; background: var(--card); }
pre { overflow-x: auto; font-size: .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .8rem; }
)css";

}  // namespace sigmagrad::experiments::detail
