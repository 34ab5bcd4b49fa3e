// SPDX-License-Identifier: BSD-3-Clause
// Partly observed matrices, and pairs of ids, as people keep them in files.
#pragma once

#include <filesystem>
#include <utility>

#include <sigmagrad/impute/observed_entries.hpp>
#include <sigmagrad/impute/text_table.hpp>

namespace sigmagrad::impute {

enum class Layout {
  Auto,      // .npy is dense; a text of three or four columns holds triplets, any other is dense
  Triplets,  // row,col,value[,...] a line, ids being any text; a first line without a number names the columns
  Dense      // a row of the matrix a line; empty, NA or NaN where unobserved
};

enum class RowNames {
  Auto,  // yes where the first line names columns and begins with an empty field or names them by numbers, and where
         // rows begin with text and go on with numbers
  Yes,
  No
};

struct TextOptions {
  Layout layout = Layout::Auto;
  Separator separator = {};  // empty: as the file's first lines tell
  RowNames row_names = RowNames::Auto;
};

/// Rows and columns of triplets are numbered as they appear; those of a dense matrix have their place, from 0, for an
/// id, but columns that the first line names and rows that the first column does. Error, naming file and line, for a
/// pair or a row's name that occurs twice, text where a number should be, a value that is not finite; for fewer than
/// two rows or columns; where every entry is observed, or none.
ObservedMatrix read_observed(const std::filesystem::path& path, const TextOptions& options = {});

using IdPairs = std::vector<std::pair<std::string, std::string>>;

/// The first two fields of each line. The first line is left out where it holds no number and names neither a row nor
/// a column of `matrix`.
IdPairs read_pairs(const std::filesystem::path& path, const ObservedMatrix& matrix, const Separator& separator = {});

}  // namespace sigmagrad::impute
