// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::inspection {

// A click on a heading sorts by its column: numbers first the largest, texts by the alphabet, a second click the other
// way round; rows without a value stay last. Without scripts the table stands as it was written.
inline constexpr const char* sorting_script = R"js(<script>
document.addEventListener('DOMContentLoaded', () => {
  for (const table of document.querySelectorAll('table.sheet')) {
    const head = table.tHead.rows[0], body = table.tBodies[0];
    const key = (row, j) => row.cells[j].querySelector('data')?.value ?? '';
    for (const button of head.querySelectorAll('button')) button.addEventListener('click', () => {
      const cell = button.closest('th'), j = cell.cellIndex, rows = [...body.rows];
      const text = rows.some(row => Number.isNaN(Number(key(row, j))));
      const again = cell.getAttribute('aria-sort');
      const sign = again ? (again == 'descending' ? 1 : -1) : (text || 'ascending' in button.dataset ? 1 : -1);
      const compare = (a, b) => text ? a.localeCompare(b, undefined, {numeric: true}) : Number(a) - Number(b);
      rows.sort((a, b) => key(a, j) === '' || key(b, j) === '' ? (key(a, j) === '') - (key(b, j) === '')
        : sign * compare(key(a, j), key(b, j)));
      for (const other of head.cells) other.removeAttribute('aria-sort');
      cell.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
      body.append(...rows);
    });
  }
});
</script>
)js";

inline constexpr const char* sheet_style = R"css(<style>
.sheet td { white-space: nowrap; } .sheet td:nth-child(2) { white-space: normal; min-width: 18rem;
  overflow-wrap: anywhere; }
.sheet th { white-space: nowrap; vertical-align: bottom; }
.sheet th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.sheet th[aria-sort=ascending] button::after { content: " \2191"; }
.sheet th[aria-sort=descending] button::after { content: " \2193"; }
.sheet td:nth-child(n + 3) { text-align: right; } .sheet th:nth-child(n + 3) { text-align: right; }
@media (max-width: 700px) { .sheet td:nth-child(2) { min-width: 9rem; } }
.matrix { content-visibility: auto; contain-intrinsic-size: auto 500px; }
</style>
)css";

}  // namespace sigmagrad::inspection
