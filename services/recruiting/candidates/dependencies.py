"""What the routes about candidates ask for."""

from typing import Annotated

from fastapi import Depends, Request

from services.recruiting.candidates.personal import CandidateFiles


async def _files(request: Request) -> CandidateFiles:
    files: CandidateFiles = request.app.state.candidate_files
    return files


Files = Annotated[CandidateFiles, Depends(_files)]
"""Seals and shows the personal data of candidates."""
