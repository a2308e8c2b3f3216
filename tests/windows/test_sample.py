"""The rows that every test run asks of an engine on Windows: the same functions as tests/e2e, told to Wine.

All that can be told: ./scripts/test-windows.
"""

from __future__ import annotations

import pytest

from tests.e2e.test_guard_rows import (  # noqa: F401
    test_the_root_gone_empty_or_another_does_nothing,
)
from tests.e2e.test_hazards import (  # noqa: F401
    test_14_a_path_that_cannot_exist_here_is_one_clear_line_and_the_rest_comes,
    test_16_an_edit_that_keeps_size_and_mtime_is_found,
)
from tests.e2e.test_hostile import test_a_document_written_while_it_settles_is_taken_later_and_once  # noqa: F401
from tests.e2e.test_merge_rows import (  # noqa: F401
    test_a_change_of_case_alone_is_a_rename,
    test_a_folder_moved_online_is_one_rename,
    test_a_folder_renamed_here_is_one_request,
    test_edited_online_comes_here_and_the_old_bytes_are_kept,
    test_moved_here_moves_online_with_id_and_no_transfer,
    test_moved_online_moves_here_without_transfer,
    test_new_here_goes_online_new_online_comes_here,
    test_two_names_swapped_online,
)
from tests.e2e.test_open_documents import (  # noqa: F401
    test_a_save_by_temporary_and_rename_is_one_version,
    test_an_open_document_waits_both_ways_and_says_who_has_it,
)
from tests.e2e.test_published_rows import (  # noqa: F401
    test_names_windows_cannot_hold_are_made_safe_at_deposit,
    test_nfd_names_are_the_same_place,
)
from tests.e2e.test_supp_rows import (  # noqa: F401
    test_a_long_name_is_shortened_in_its_stem,
)

pytestmark = pytest.mark.e2e
